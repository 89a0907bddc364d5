# Submits one request many times and prints how long each time took: milliseconds, a blank, the disposition.
# In one process, by ICertRequest: to begin certreq takes longer than what is measured.
# NEVER RUN: it was read by a grammar of PowerShell alone (make interop). ASCII only.
param(
    [Parameter(Mandatory)][string]$Config,
    [Parameter(Mandatory)][string]$Request,
    [Parameter(Mandatory)][int]$Count
)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$text = [IO.File]::ReadAllText($Request)
$client = New-Object -ComObject CertificateAuthority.Request
$culture = [Globalization.CultureInfo]::InvariantCulture
for ($number = 0; $number -lt $Count; $number++) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $disposition = $client.Submit(0, $text, '', $Config)    # CR_IN_BASE64HEADER, CR_IN_FORMATANY
    $taken = $watch.Elapsed.TotalMilliseconds
    [Console]::WriteLine([string]::Format($culture, '{0:F3} {1}', $taken, $disposition))
}

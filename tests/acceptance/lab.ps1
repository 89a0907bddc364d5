# The part of a day on a real CA that only PowerShell can do: the role, the CA, a small volume, and all of it away again.
# For a machine that is thrown away afterwards. NEVER RUN: it was read by a grammar of PowerShell alone (make interop).
# ASCII only: Windows PowerShell 5.1 reads a file without a mark in the machine's code page.
param(
    [Parameter(Mandatory)][ValidateSet('ca', 'volume', 'gone')][string]$Step,
    [string]$Name = 'CertWitness Test CA',
    [string]$Zone = 'India Standard Time'
)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

function Invoke-Tool([string]$Program, [string[]]$Words) {
    Write-Host "> $Program $($Words -join ' ')"
    $ErrorActionPreference = 'Continue'     # or 5.1 takes a line on standard error for an exception
    & $Program @Words 2>&1 | ForEach-Object { Write-Host "  $_" }
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with $LASTEXITCODE" }
}

function Wait-CA {
    # The service runs before the CA answers: RPC and the database come later.
    $end = (Get-Date).AddSeconds(120)
    do {
        $ErrorActionPreference = 'Continue'
        & certutil.exe -config "$env:COMPUTERNAME\$Name" -ping 2>&1 | Out-Null
        if ($LASTEXITCODE -eq 0) { return }
        Start-Sleep -Milliseconds 500
    } while ((Get-Date) -lt $end)
    throw 'The CA does not answer after 120 seconds.'
}

function Install-Lab {
    # Before the CA starts: on a machine in UTC the question whether its dates are UTC cannot be answered.
    Invoke-Tool tzutil.exe @('/s', $Zone)
    $feature = Install-WindowsFeature -Name @('ADCS-Cert-Authority', 'RSAT-ADCS-Mgmt') -IncludeManagementTools
    if (-not $feature.Success) { throw 'The role could not be installed.' }
    # A hosted runner cannot restart, and its image may have wanted to before. Whether the role needs it is seen when the CA is made.
    if ("$($feature.RestartNeeded)" -ne 'No') { Write-Host "Windows speaks of a restart ($($feature.RestartNeeded)). It goes on without one." }
    # certutil -renewCert takes the length of the key from CAPolicy.inf.
    Set-Content -Path "$env:SystemRoot\CAPolicy.inf" -Encoding Ascii -Value @(
        '[Version]', 'Signature="$Windows NT$"', '[Certsrv_Server]', 'RenewalKeyLength=2048', 'AlternateSignatureAlgorithm=0')
    $ca = @{
        CAType = 'StandaloneRootCA'
        CACommonName = $Name
        KeyLength = 2048
        HashAlgorithmName = 'SHA256'
        CryptoProviderName = 'RSA#Microsoft Software Key Storage Provider'
        ValidityPeriod = 'Years'
        ValidityPeriodUnits = 5
        Force = $true
    }
    $made = Install-AdcsCertificationAuthority @ca
    if ($made.ErrorId -ne 0) { throw $made.ErrorString }
    # A standalone CA holds every request until an administrator approves it. 1: issue.
    Invoke-Tool certutil.exe @('-setreg', 'policy\RequestDisposition', '1')
    # CRLs and certificates go to files alone: LDAP and HTTP are not served here. The CA knows no %windir%, as a batch file does.
    Invoke-Tool certutil.exe @('-setreg', 'CA\CRLPublicationURLs', "65:$env:windir\system32\CertSrv\CertEnroll\%3%8%9.crl")
    Invoke-Tool certutil.exe @('-setreg', 'CA\CACertPublicationURLs', "1:$env:windir\system32\CertSrv\CertEnroll\%1_%3%4.crt")
    Invoke-Tool certutil.exe @('-setreg', 'CA\CRLDeltaPeriodUnits', '1')
    Invoke-Tool certutil.exe @('-setreg', 'CA\CRLDeltaPeriod', 'Days')
    # The CA's own audit trail, an independent witness. The subcategory by its GUID, since its name is translated.
    Invoke-Tool certutil.exe @('-setreg', 'CA\AuditFilter', '127')
    Invoke-Tool auditpol.exe @('/set', '/subcategory:{0CCE9221-69AE-11D9-BED3-505054503030}', '/success:enable', '/failure:enable')
    Restart-Service CertSvc -Force
    Wait-CA
}

function New-SmallVolume {
    $script = Join-Path $env:TEMP 'volume.txt'
    Set-Content $script -Encoding Ascii -Value @(
        "create vdisk file=`"$env:TEMP\small.vhd`" maximum=256 type=fixed", 'attach vdisk', 'create partition primary',
        'format fs=ntfs quick label=small', 'assign letter=W')
    Invoke-Tool diskpart.exe @('/s', $script)
    # Windows itself is asked: PowerShell knows the drives that there were when it started.
    if (-not [IO.Directory]::Exists('W:\')) { throw 'There is no volume W: after diskpart.' }
}

function Remove-Lab {
    Stop-Service CertSvc -Force -ErrorAction Continue
    Uninstall-AdcsCertificationAuthority -Force
    if (-not (Test-Path "$env:TEMP\small.vhd")) { return }
    $script = Join-Path $env:TEMP 'gone.txt'
    Set-Content $script -Encoding Ascii -Value @("select vdisk file=`"$env:TEMP\small.vhd`"", 'detach vdisk')
    Invoke-Tool diskpart.exe @('/s', $script)
}

switch ($Step) {
    'ca' { Install-Lab }
    'volume' { New-SmallVolume }
    'gone' { Remove-Lab }
}

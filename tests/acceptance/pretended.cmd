@echo off
rem lab.t's tools: writes down what it is called with, and prints what the real tool would, as far as lab.cmd reads it.
>>"%PRETENDED_LOG%" echo %*
if "%1 %2"=="reg query" goto %PRETENDED_CA%
if "%1 %2"=="sc query" echo         TYPE               : 110  WIN32_OWN_PROCESS& echo         STATE              : 1  STOPPED
if "%4 %5"=="-view -restrict" echo "Serial Number"& echo "6100AB"
if "%4 %5"=="-view -out" echo "Request ID"& echo "6"& echo "7"
if "%4"=="-CAInfo" echo Exit module count: 3
exit /b 0
:there
if "%4 %5"=="/v CommonName" goto name
if "%4 %5"=="/v RequestDisposition" echo     RequestDisposition    REG_DWORD    0x101
if "%4 %5"=="/v Active" (
    if %3==HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration (
        echo     Active    REG_SZ    Wit !0026 Ness CA
    ) else (
        echo     Active    REG_MULTI_SZ    %PRETENDED_LIST%
    )
)
exit /b 0
:name
echo     CommonName    REG_SZ    Wit ^& Ness (Root) CA
exit /b 0
:none
exit /b 1

@echo off
rem lab.t's tools: writes down what it is called with, and prints what the real tool would, as far as lab.cmd reads it. PRETENDED_FAULT: what goes wrong.
>>"%PRETENDED_LOG%" echo %*
if "%1 %2"=="reg query" goto %PRETENDED_CA%
if "%1 %2"=="reg add" goto added
if "%1 %2"=="sc query" echo         TYPE               : 110  WIN32_OWN_PROCESS
if "%1 %2"=="sc query" if exist "%PRETENDED_LOG%.stopped" echo         STATE              : 1  STOPPED
if "%1 %2"=="sc query" if not exist "%PRETENDED_LOG%.stopped" echo         STATE              : 4  RUNNING
if "%1 %2"=="sc stop" echo x>"%PRETENDED_LOG%.stopped"
if "%1 %2"=="sc start" if exist "%PRETENDED_LOG%.stopped" del "%PRETENDED_LOG%.stopped"
if "%1 %2"=="regsvr32 /s" if "%PRETENDED_FAULT%"=="class" exit /b 3
if "%4 %5"=="-view -restrict" if "%~6"=="RequestId==$" goto last
if "%4 %5"=="-view -restrict" type "%PRETENDED_VIEW%"
if "%4"=="-ping" if "%PRETENDED_FAULT%"=="slow" goto ping
if "%4"=="-CAInfo" echo Exit module count: 3
if "%1 %2"=="certreq -submit" type "%PRETENDED_SAID%"
if "%1 %2"=="regsvr32 /s" if not "%~3"=="/u" if defined PRETENDED_PROBE type "%PRETENDED_PROBE%">"%~dp3probe.txt"
if "%1 %2"=="certreq -retrieve" echo x>"%~8"
if "%1 %2"=="certreq -retrieve" echo x>"%~dpn8.rsp"
if "%1 %2"=="certreq -submit" goto submitted
exit /b 0
rem As certutil ends where no CA answers: 0x800706ba. Each second time.
:ping
if not exist "%PRETENDED_LOG%.pinged" goto early
del "%PRETENDED_LOG%.pinged"
>>"%PRETENDED_LOG%" echo answers
exit /b 0
:early
echo x>"%PRETENDED_LOG%.pinged"
exit /b -2147023174
:last
if "%PRETENDED_LAST%"=="none" exit /b -2147024891
echo "Request ID"
if exist "%PRETENDED_LOG%.asked" goto again
echo x>"%PRETENDED_LOG%.asked"
if exist "%PRETENDED_LOG%.submitted" del "%PRETENDED_LOG%.submitted"
echo 40
exit /b 0
rem Asked once more: what has been submitted since has a row.
:again
del "%PRETENDED_LOG%.asked"
if exist "%PRETENDED_LOG%.submitted" echo %PRETENDED_LAST%
if not exist "%PRETENDED_LOG%.submitted" echo 40
echo CertUtil: -view command completed successfully.
exit /b 0
:submitted
if "%PRETENDED_FAULT%"=="unreached" exit /b 186
echo x>"%PRETENDED_LOG%.submitted"
shift
echo x>"%~9"
echo x>"%~dpn9.rsp"
exit /b 0
:there
if "%4 %5"=="/v CommonName" goto name
if "%4 %5"=="/v CAType" echo     CAType    REG_DWORD    %PRETENDED_TYPE%
if "%4 %5"=="/v RequestDisposition" goto policy
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
:policy
if exist "%PRETENDED_LOG%.stuck" echo     RequestDisposition    REG_DWORD    0x1
if not exist "%PRETENDED_LOG%.stuck" echo     RequestDisposition    REG_DWORD    0x101
exit /b 0
:added
if "%PRETENDED_FAULT%"=="stuck" if "%4 %5"=="/v RequestDisposition" echo x>"%PRETENDED_LOG%.stuck"
exit /b 0
:none
exit /b 1

@echo off
rem Puts the open questions to a CA of a laboratory, by a probe in the CA's process: see the manual's page "A lab CA".
rem NEVER RUN ON WINDOWS; tests/acceptance/lab.t plays it under Wine's cmd against pretended tools.
rem Writes probe.txt beside itself, and nothing elsewhere. The CA's list, its policy and the class are put back at the end.
rem CERTUTIL and the like are there for the test alone.
setlocal
if not defined CERTUTIL set CERTUTIL=certutil.exe
if not defined CERTREQ set CERTREQ=certreq.exe
if not defined SC set SC=sc.exe
if not defined REG set REG=reg.exe
if not defined REGSVR set REGSVR=regsvr32.exe
set "HERE=%~dp0"
set CONFIGURATION=HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration
set CA=
set NAME=
set LIST=
set DISPOSITION=

for /f "tokens=2,*" %%a in ('%REG% query %CONFIGURATION% /v Active') do if "%%a"=="REG_SZ" set CA=%%b
if not defined CA goto noca
for /f "tokens=2,*" %%a in ('%REG% query "%CONFIGURATION%\%CA%" /v CommonName') do if "%%a"=="REG_SZ" set NAME=%%b
for /f "tokens=2,*" %%a in ('%REG% query "%CONFIGURATION%\%CA%\ExitModules" /v Active') do if "%%a"=="REG_MULTI_SZ" set LIST=%%b
set "POLICY=%CONFIGURATION%\%CA%\PolicyModules\CertificateAuthority_MicrosoftDefault.Policy"
for /f "tokens=2,3" %%a in ('%REG% query "%POLICY%" /v RequestDisposition') do if "%%a"=="REG_DWORD" set DISPOSITION=%%b
if not defined LIST goto nolist
if not defined DISPOSITION goto nolist
if not "%LIST:StubProbe=%"=="%LIST%" goto again

echo This asks the CA "%NAME%" on this machine some forty questions. For a CA of a laboratory alone.
echo It puts two test modules into the CA's list of exit modules, starts the service three times, issues, denies and
echo revokes about fifteen certificates, and takes the modules out again. It takes some minutes.
echo In probe.txt is what the CA tells a module: these requests and certificates, their requesters, the CA's own
echo certificate and CRL, and the CA's settings. The file stays here.
if "%1"=="/y" goto go
set /p ANSWER=Type yes to go on: 
if /i not "%ANSWER%"=="yes" exit /b 1
:go
set "CONFIG=%COMPUTERNAME%\%NAME%"
set "MODULES=%CONFIGURATION%\%CA%\ExitModules"
if exist "%HERE%probe.txt" del "%HERE%probe.txt"

call :stop
%REGSVR% /s "%HERE%probe.dll"
call :value StubProbe.Exit Rules 1
call :value StubProbe.Exit Threads 1
call :value StubProbe.Exit Gentle 1
call :value StubProbe2.Exit Rules 1
call :value StubProbe2.Exit Threads 1
call :value StubProbe2.Exit Gentle 1
%REG% add "%MODULES%" /v Active /t REG_MULTI_SZ /d "%LIST%\0StubProbe.Exit\0StubProbe2.Exit" /f >nul

call :disposition 1
call :start
call :submit alice plain
set ALICE=%ID%
call :submit titled titled
for %%c in (broken several stranger garbage) do call :submit %%c %%c
call :submit keygen keygen "\nChallenge:another"
call :submit san plain "\nsan:dns=asked.example"
call :stop
call :disposition 257
call :start
call :submit bob plain
%CERTUTIL% -config "%CONFIG%" -resubmit %ID% >nul
%CERTREQ% -retrieve -q -f -config "%CONFIG%" %ID% "%HERE%bob.cer" >nul
if not errorlevel 1 call :fact done retrieve
call :submit carol plain
%CERTUTIL% -config "%CONFIG%" -deny %ID% >nul
call :stop
call :disposition 2
call :start
call :submit refused plain
set SERIAL=
for /f "tokens=1 delims=," %%a in ('%CERTUTIL% -config "%CONFIG%" -view -restrict "RequestID=%ALICE%" -out SerialNumber csv') do set "SERIAL=%%~a"
%CERTUTIL% -config "%CONFIG%" -revoke %SERIAL% 6 >nul
%CERTUTIL% -config "%CONFIG%" -revoke %SERIAL% -1 >nul
%CERTUTIL% -config "%CONFIG%" -CRL >nul
call :stop

call :disposition 1
call :value StubProbe2.Exit InitializeFails 0x80070005
call :start
call :submit dave plain
%CERTUTIL% -config "%CONFIG%" -CRL >nul
set COUNT=
for /f "tokens=2 delims=:" %%a in ('%CERTUTIL% -config "%CONFIG%" -CAInfo exitcount') do if not defined COUNT set COUNT=%%a
call :fact exit_count %COUNT%
call :stop

call :value StubProbe2.Exit InitializeFails 0
call :value StubProbe2.Exit NotifyThrows 1
call :start
call :submit erin plain
%CERTUTIL% -config "%CONFIG%" -CRL >nul
call :stop

%REG% add "%MODULES%" /v Active /t REG_MULTI_SZ /d "%LIST%" /f >nul
%REG% delete "%MODULES%\StubProbe.Exit" /f >nul
%REG% delete "%MODULES%\StubProbe2.Exit" /f >nul
%REG% add "%POLICY%" /v RequestDisposition /t REG_DWORD /d %DISPOSITION% /f >nul
%REGSVR% /s /u "%HERE%probe.dll"
call :start
for /f "tokens=*" %%v in ('ver') do call :fact windows "%%v"
del "%HERE%*.cer" 2>nul
echo The answers are in %HERE%probe.txt. The CA is as it was before.
exit /b 0

:noca
echo This machine has no CA, or this prompt is not an administrator's. Nothing was changed.
exit /b 2
:nolist
echo The CA's list of exit modules or its policy cannot be read: is this its default policy module? Nothing was changed.
exit /b 2
:again
echo The probe is in the CA's list already: an earlier run was cut off. Put the list back first; the manual's page says how.
exit /b 2

:value
%REG% add "%MODULES%\%1" /v %2 /t REG_DWORD /d %3 /f >nul
exit /b 0
:disposition
%REG% add "%POLICY%" /v RequestDisposition /t REG_DWORD /d %1 /f >nul
exit /b 0
:fact
>>"%HERE%probe.txt" echo fact	%1	%~2
exit /b 0

:submit
%CERTREQ% -submit -q -f -attrib "cwcase:%1%~3" -config "%CONFIG%" "%HERE%%2.req" "%HERE%%1.cer" >nul
call :fact done %1
set ID=
for /f "tokens=1 delims=," %%a in ('%CERTUTIL% -config "%CONFIG%" -view -out RequestID csv') do set "ID=%%~a"
exit /b 0

:start
%SC% start CertSvc >nul
set TRIES=0
:starting
%CERTUTIL% -config "%CONFIG%" -ping >nul
if not errorlevel 1 exit /b 0
set /a TRIES+=1
if %TRIES% geq 60 goto noanswer
ping.exe -n 3 127.0.0.1 >nul
goto starting
:noanswer
echo The CA does not answer after two minutes. The steps go on.
exit /b 1

:stop
%SC% stop CertSvc >nul
set TRIES=0
:stopping
rem STATE : 1  STOPPED, whatever the words
set STATE=
for /f "tokens=3" %%a in ('%SC% query CertSvc') do if "%%a"=="1" set STATE=stopped
if defined STATE exit /b 0
set /a TRIES+=1
if %TRIES% geq 90 goto nostop
ping.exe -n 3 127.0.0.1 >nul
goto stopping
:nostop
echo The service does not stop. The steps go on.
exit /b 1

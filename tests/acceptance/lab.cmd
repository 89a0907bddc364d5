@echo off
rem Puts the open questions to a CA of a laboratory, by a probe in the CA's process: see the manual's page "A lab CA".
rem NEVER RUN ON WINDOWS; tests/acceptance/lab.t plays it under Wine's cmd against pretended tools.
rem Writes probe.txt and probe-texts.txt beside itself, and what it needs on the way into a folder that it makes and removes. It touches
rem no request but its own: one that it manages has to be the CA's last; where that is not certain, or a serial number cannot be read, it
rem says so and leaves the step out. At the end it puts the CA's list, its policy and the class back, and looks whether they are; a service
rem that was stopped before is stopped again. Nothing is judged here but what the next step needs: answers.py does that.
rem The probe writes while the CA runs; what the tools say is kept as it is, beside it, and joined at the end.
rem CERTUTIL and the like are there for the test alone.
setlocal
if not defined CERTUTIL set CERTUTIL=certutil.exe
if not defined CERTREQ set CERTREQ=certreq.exe
if not defined SC set SC=sc.exe
if not defined REG set REG=reg.exe
if not defined REGSVR set REGSVR=regsvr32.exe
set "HERE=%~dp0"
if not defined READER set READER="%HERE%lab_reader.exe"
set "WORK=%HERE%lab-working"
set "TOOLS=%WORK%\tools.txt"
set "SAID=%WORK%\said.txt"
set CONFIGURATION=HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration
set CA=
set NAME=
set LIST=
set TYPE=
set DISPOSITION=
set SKIPPED=
set WRONG=
set SILENT=
set RESTS=

for /f "tokens=2,*" %%a in ('%REG% query %CONFIGURATION% /v Active') do if "%%a"=="REG_SZ" set CA=%%b
if not defined CA goto noca
for /f "tokens=2,*" %%a in ('%REG% query "%CONFIGURATION%\%CA%" /v CommonName') do if "%%a"=="REG_SZ" set NAME=%%b
for /f "tokens=2,3" %%a in ('%REG% query "%CONFIGURATION%\%CA%" /v CAType') do if "%%a"=="REG_DWORD" set TYPE=%%b
set "MODULES=%CONFIGURATION%\%CA%\ExitModules"
set "POLICY=%CONFIGURATION%\%CA%\PolicyModules\CertificateAuthority_MicrosoftDefault.Policy"
call :look
if not defined NAME goto nolist
if not defined LIST goto nolist
if not defined DISPOSITION goto nolist
if not "%LIST:StubProbe=%"=="%LIST%" goto again
rem 3: a standalone root, 4: a standalone CA below another. Without a template an enterprise CA refuses each request.
if "%TYPE%"=="0x3" goto standalone
if not "%TYPE%"=="0x4" goto enterprise
:standalone
if exist "%HERE%probe.txt" goto earlier
if exist "%HERE%probe-texts.txt" goto earlier
if exist "%WORK%" goto earlier

echo This asks the CA "%NAME%" on this machine some forty questions. For a CA of a laboratory alone.
echo It puts two test modules into the CA's list of exit modules, starts the service several times, issues, denies and
echo revokes about fifteen certificates, publishes CRLs, and takes the modules out again. It takes some minutes.
echo The requests, the certificates and the CRLs stay in the CA. If this is cut off, put back what stands here:
set LIST
set DISPOSITION
if "%1"=="/y" goto go
set /p ANSWER=Type yes to go on: 
if /i not "%ANSWER%"=="yes" exit /b 1
:go
set "CONFIG=%COMPUTERNAME%\%NAME%"
mkdir "%WORK%"
if not exist "%WORK%" goto nowork
%REGSVR% /s "%HERE%probe.dll"
if errorlevel 1 goto noclass

call :state
if defined STATE set RESTS=yes
call :stop
rem An earlier run that was cut off may have left what it set for the later starts.
call :value StubProbe2.Exit InitializeFails 0
call :value StubProbe2.Exit NotifyThrows 0
call :value StubProbe.Exit Rules 1
call :value StubProbe.Exit Threads 1
call :value StubProbe.Exit Gentle 1
call :value StubProbe2.Exit Rules 1
call :value StubProbe2.Exit Threads 1
call :value StubProbe2.Exit Gentle 1
%REG% add "%MODULES%" /v Active /t REG_MULTI_SZ /d "%LIST%\0StubProbe.Exit\0StubProbe2.Exit" /f >nul

call :disposition 1
call :start
call :own alice plain
set ALICE=%ID%
call :submit titled titled
for %%c in (broken several stranger garbage) do call :submit %%c %%c
call :submit keygen keygen "\nChallenge:another"
call :submit san plain "\nsan:dns=asked.example"
call :stop
call :disposition 257
call :start
call :own bob plain
call :approve
call :own carol plain
call :deny
call :stop
call :disposition 2
call :start
call :submit refused plain
call :hold_and_release
call :publish
call :stop

call :disposition 1
call :value StubProbe2.Exit InitializeFails 0x80070005
call :start
call :said service
%SC% query CertSvc >>"%TOOLS%" 2>&1
call :code
call :submit dave plain
call :publish
call :said exitcount
%CERTUTIL% -config "%CONFIG%" -CAInfo exitcount >>"%TOOLS%" 2>&1
call :code
call :stop

call :value StubProbe2.Exit InitializeFails 0
call :value StubProbe2.Exit NotifyThrows 1
call :start
call :submit erin plain
call :publish
call :stop

set "WAS=%LIST%"
set "HAD=%DISPOSITION%"
%REG% add "%MODULES%" /v Active /t REG_MULTI_SZ /d "%LIST%" /f >nul
%REG% delete "%MODULES%\StubProbe.Exit" /f >nul
%REG% delete "%MODULES%\StubProbe2.Exit" /f >nul
%REG% add "%POLICY%" /v RequestDisposition /t REG_DWORD /d %DISPOSITION% /f >nul
%REGSVR% /s /u "%HERE%probe.dll"
if errorlevel 1 set WRONG=%WRONG% class
call :said windows
ver >>"%TOOLS%" 2>&1
call :code
if not exist "%HERE%probe.txt" set SILENT=yes
type "%TOOLS%" >>"%HERE%probe.txt"
%READER% texts "%HERE%probe.txt" >"%HERE%probe-texts.txt"
rmdir /s /q "%WORK%"
call :start
if errorlevel 1 set WRONG=%WRONG% service
call :look
if not "%LIST%"=="%WAS%" set WRONG=%WRONG% list
if not "%DISPOSITION%"=="%HAD%" set WRONG=%WRONG% policy
if defined RESTS call :stop
if errorlevel 1 set WRONG=%WRONG% service
echo All that was seen is in "%HERE%probe.txt". Every text in it, to be read before you give it away: "%HERE%probe-texts.txt".
if defined SKIPPED echo Left out, since it was not certain which request or certificate is its own:%SKIPPED%. These questions stay open.
if defined SILENT echo The probe has written nothing: the CA did not load it, or its service may not write here. The questions stay open. See the Application event log.
if defined WRONG goto notback
echo The list, the policy and the class are as they were, and the CA answers. Its database has some fifteen requests more, and it has
echo published CRLs.
if defined RESTS echo The service was stopped before, and is stopped again.
if defined SKIPPED exit /b 3
if defined SILENT exit /b 3
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
:enterprise
echo The CA "%NAME%" is no standalone CA (CAType %TYPE%): without a template it refuses each request. Nothing was changed.
echo The manual's page says how to make a standalone one.
exit /b 2
:earlier
echo Here is a probe.txt, a probe-texts.txt or a folder lab-working of an earlier run. Move them away, or delete them. Nothing was changed.
exit /b 2
:nowork
echo The folder "%WORK%" cannot be made. Nothing was changed.
exit /b 2
:noclass
rmdir /s /q "%WORK%"
echo probe.dll cannot be registered: is this prompt an administrator's, and is the file whole? Nothing else was changed.
exit /b 2
:notback
echo NOT AS IT WAS:%WRONG%. It was, see the manual's page:
set WAS
set HAD
exit /b 4

:look
set LIST=
set DISPOSITION=
for /f "tokens=2,*" %%a in ('%REG% query "%MODULES%" /v Active') do if "%%a"=="REG_MULTI_SZ" set LIST=%%b
for /f "tokens=2,3" %%a in ('%REG% query "%POLICY%" /v RequestDisposition') do if "%%a"=="REG_DWORD" set DISPOSITION=%%b
exit /b 0
:value
%REG% add "%MODULES%\%1" /v %2 /t REG_DWORD /d %3 /f >nul
exit /b 0
:disposition
%REG% add "%POLICY%" /v RequestDisposition /t REG_DWORD /d %1 /f >nul
exit /b 0
:said
>>"%TOOLS%" echo said	%1
exit /b 0
:code
>>"%TOOLS%" echo code	%errorlevel%
exit /b 0

rem A request that is managed later: ID becomes its RequestID, or nothing. It is the last of the CA's database, and was not before; what
rem certreq printed has to be the same number, and may be missing, as in a language whose form nobody has seen.
:own
call :last
set BEFORE=%LAST%
call :submit %1 %2
call :last
if "%LAST%"=="0" set LAST=
set WHY=
set NEXT=
if defined BEFORE set /a NEXT=BEFORE+1
if not defined LAST set WHY=the CA does not say which request is its last
if defined WHY goto notown
if defined NEXT if "%BEFORE%"=="%LAST%" set WHY=the CA has no request more than before, the last is %LAST%
if defined WHY goto notown
if defined NEXT if not "%NEXT%"=="%LAST%" set WHY=somebody else uses this CA, whose last request was %BEFORE% and is %LAST%
if defined WHY goto notown
if defined ID if not "%ID%"=="%LAST%" set WHY=certreq speaks of request %ID%, and the CA's last one is %LAST%
if not defined ID if not defined NEXT set WHY=certreq does not say its number, and the CA did not say which was its last before
if defined WHY goto notown
set ID=%LAST%
exit /b 0
:notown
set ID=
echo Which request is that of "%1" is not certain: %WHY%. Nothing is done to any.
exit /b 0

rem LAST becomes the RequestID of the last row, 0 where there is none, or nothing: -restrict RequestId==$ means that row.
:last
set LAST=
%CERTUTIL% -config "%CONFIG%" -view -restrict "RequestId==$" -out RequestID csv >"%SAID%" 2>&1
if not "%errorlevel%"=="0" exit /b 0
%READER% last "%SAID%" >"%WORK%\last.txt"
if errorlevel 1 exit /b 0
set /p LAST=<"%WORK%\last.txt"
exit /b 0

rem ID becomes the RequestID that certreq printed, or nothing.
:submit
call :said submit-%1
%CERTREQ% -submit -q -f -attrib "cwcase:%1%~3" -config "%CONFIG%" "%HERE%%2.req" "%WORK%\%1.cer" >"%SAID%" 2>&1
set CODE=%errorlevel%
type "%SAID%" >>"%TOOLS%"
>>"%TOOLS%" echo code	%CODE%
set ID=
%READER% number "%SAID%" >"%WORK%\id.txt"
if errorlevel 1 exit /b 0
set /p ID=<"%WORK%\id.txt"
exit /b 0

:approve
if not defined ID goto noid
call :said resubmit
%CERTUTIL% -config "%CONFIG%" -resubmit %ID% >>"%TOOLS%" 2>&1
call :code
call :said retrieve
%CERTREQ% -retrieve -q -f -config "%CONFIG%" %ID% "%WORK%\bob.cer" >>"%TOOLS%" 2>&1
call :code
exit /b 0
:noid
set SKIPPED=%SKIPPED% approval and retrieval
exit /b 0

:deny
if not defined ID set SKIPPED=%SKIPPED% denial
if not defined ID exit /b 0
call :said deny
%CERTUTIL% -config "%CONFIG%" -deny %ID% >>"%TOOLS%" 2>&1
call :code
exit /b 0

:hold_and_release
if not defined ALICE goto noserial
%CERTUTIL% -config "%CONFIG%" -view -restrict "RequestID=%ALICE%" -out RequestID,SerialNumber csv >"%SAID%" 2>&1
set SERIAL=
%READER% serial "%SAID%" %ALICE% >"%WORK%\serial.txt"
if errorlevel 1 goto noserial
set /p SERIAL=<"%WORK%\serial.txt"
if not defined SERIAL goto noserial
call :said hold
%CERTUTIL% -config "%CONFIG%" -revoke %SERIAL% 6 >>"%TOOLS%" 2>&1
call :code
call :said release
%CERTUTIL% -config "%CONFIG%" -revoke %SERIAL% -1 >>"%TOOLS%" 2>&1
call :code
exit /b 0
:noserial
set SKIPPED=%SKIPPED% hold and release
exit /b 0

:publish
call :said crl
%CERTUTIL% -config "%CONFIG%" -CRL >>"%TOOLS%" 2>&1
call :code
exit /b 0

:start
%SC% start CertSvc >nul
set TRIES=0
:starting
%CERTUTIL% -config "%CONFIG%" -ping >nul
rem What certutil fails with is below zero, which "if errorlevel 1" takes for success.
if "%errorlevel%"=="0" exit /b 0
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
call :state
if defined STATE exit /b 0
set /a TRIES+=1
if %TRIES% geq 90 goto nostop
ping.exe -n 3 127.0.0.1 >nul
goto stopping
:nostop
echo The service does not stop. The steps go on.
exit /b 1

rem STATE becomes stopped, or nothing. STATE : 1  STOPPED, whatever the words; SERVICE_EXIT_CODE : 1  (0x1) is another line
:state
set STATE=
for /f "tokens=3,4" %%a in ('%SC% query CertSvc') do if "%%a"=="1" if not "%%b"=="(0x1)" set STATE=stopped
exit /b 0

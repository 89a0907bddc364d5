# Alerts from a journal's own lines, for jq 1.6 or later: one JSON object for each. Without an alert there is no output.
#
#     cmd /c 'type "C:\ProgramData\CertWitness\CA 1\*.jsonl" 2>nul | jq.exe -nRc -f alerts.jq'      (PowerShell, elevated)
#     cat /srv/certwitness/CA1/*.jsonl | jq -nRc -f alerts.jq                                     (Linux)
#     ... jq -nRc --arg now 2026-11-21T10:00:00Z -f alerts.jq                                     (as of another time)
#
# It passes over everything that is not a journal's line: the beginning of a line that is being written, other JSON. It
# judges no hash; certwitness verify does. README.md has the meaning of each alert.

def seconds: sub("\\.[0-9]+Z$"; "Z") | fromdate;
def alert($name; $line; $more):
    {alert: $name, time: $line.time, source: $line.source, sequence: $line.sequence} + $more;
def hours($seconds): $seconds / 3600 | floor;

# A journal's line has these members; other JSON does not.
def is_line:
    type == "object" and ([.type, .source, .sequence, .time] | all(type == "string")) and (.data | type == "object")
    and (.type | startswith("certwitness.")) and ([.time | seconds?] | length == 1);

# What one line says.
def told:
    . as $line
    | if .type == "certwitness.journal.gap" then alert("events were lost"; .; .data | {events, first, last, why, requestIDs})
      elif .type == "certwitness.journal.broken" then alert("a journal is damaged"; .; .data | {file, offset, bytes})
      elif .type == "certwitness.journal.pruned" then alert("old files are removed"; .; .data | {upTo: .sequence, rule, account})
      elif .type == "certwitness.module.started" and .data.module.endedCleanly == false then
          alert("a run did not end cleanly"; .; {run: .data.module.run, unwritten: .data.module.unwritten})
      else empty end;

# What the last line of a CA says, and when.
def silence($now):
    ($now - (.time | seconds)) as $age
    | if $age > 86400 then alert("no event for a day"; .; {hours: hours($age)}) else empty end,
      if (.type == "certwitness.module.stopped" or .type == "certwitness.ca.stopping") and $age > 900
      then alert("the module does not run"; .; {minutes: ($age / 60 | floor)}) else empty end;

($ARGS.named.now // (now | todate) | seconds) as $now
| foreach ((inputs | fromjson? | select(is_line)), null) as $line ({last: {}};
      if $line == null then .
      else .last[$line.source] |= (if . == null or .sequence <= $line.sequence then $line | {type, time, source, sequence} else . end) end;
      if $line == null then .last[] | silence($now) else $line | told? end)
| with_entries(select(.value != null))

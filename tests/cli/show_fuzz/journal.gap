certwitness.journal.gap
{"events":2,"first":"2026-11-21T10:00:00.000Z","last":"2026-11-21T10:00:00.000Z","requestIDs":[42,7]}
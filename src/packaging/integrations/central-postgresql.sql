-- PostgreSQL 15 or later: the lines of many CAs in one table, the check, and what to alarm on. central-rsyslog.conf fills it.
--
-- In a database of its own, with the encoding UTF8, as the role that shall own the table:
--     createdb --encoding=UTF8 --template=template0 certwitness
--     psql --dbname=certwitness --set=ON_ERROR_STOP=1 --file=central-postgresql.sql
-- Then let two roles with a login into it, by pg_hba.conf with hostssl:
--     grant certwitness_writer to rsyslog;       adds lines; reads, changes and removes none
--     grant certwitness_reader to auditor;       reads everything
--
-- To alarm on: a row in certwitness.forks; a row of "select * from certwitness.check() where not on_record"; a CA in certwitness.sources whose
-- last line is too old. The check reads every line. certwitness.links is its part that only compares numbers and hashes.
--
-- Whoever owns the table can remove the newest lines of a CA, or compute all hashes anew. Compare certwitness.sources with the heads in the CA's
-- event log and with `certwitness-delivery status`; `certwitness verify --head` takes the column head.

begin;
create schema certwitness;

-- A string of the envelope, by its name; NULL if the line is not of this form. The envelope begins the line, its members have one order, and its
-- strings hold neither quotes nor backslashes: the quotes divide it. 2600 characters are enough, and few enough for the key of the table.
create function certwitness.envelope(line text, name text) returns text language plpgsql immutable strict parallel safe as $$
declare
    size int := strpos(left(line, 2600), '","datacontenttype":"application/json","data":{');
    part text[] := string_to_array(left(line, greatest(size - 1, 0)), '"');
    behind int := case when part[18] = 'subject' then 4 else 0 end;
    place int := case name when 'source' then 10 when 'type' then 14 when 'subject' then 18 when 'time' then 18 + behind
                           when 'sequence' then 22 + behind when 'previoushash' then 26 + behind when 'flushed' then 30 + behind end;
begin
    return case when starts_with(line, '{"specversion":"1.0","id":"') and part[10] = 'source' and part[place] = name and part[place + 1] = ':'
                then part[place + 2] end;
end
$$;

-- The hash that a line of the journal has to end with. The database is UTF8, so a text has the same bytes for ever.
create function certwitness.hash_of(line text) returns text language sql immutable strict parallel safe as $$
    select encode(sha256(convert_to(left(line, -75), 'UTF8')), 'hex')
$$;

-- A line as it stands in the journal, without its LF. All else is computed from it and cannot be written. Every text is taken: one that is refused
-- would keep all that come behind it from arriving. What is no line of a journal has no sequence or no hash; so have the delivery's own events.
create table certwitness.event (
    arrived      timestamptz not null default clock_timestamp(),
    sender       text,                      -- the address that it came from; any sender that is let in can send lines of any CA
    line         text not null,
    source       text generated always as (substring(certwitness.envelope(line, 'source') from '^[!-~]*$')) stored,
    type         text generated always as (certwitness.envelope(line, 'type')) stored,
    subject      text generated always as (certwitness.envelope(line, 'subject')) stored,
    time         text generated always as (certwitness.envelope(line, 'time')) stored,
    sequence     numeric(20) generated always as (substring(certwitness.envelope(line, 'sequence') from '^[0-9]{20}$')::numeric(20)) stored,
    previoushash text generated always as (substring(certwitness.envelope(line, 'previoushash') from '^[0-9a-f]{64}$')) stored,
    hash         text generated always as (substring(right(line, 75) from '^,"hash":"([0-9a-f]{64})"\}$')) stored,
    intact       boolean generated always as (substring(right(line, 75) from '^,"hash":"([0-9a-f]{64})"\}$') = certwitness.hash_of(line)) stored,
    -- A line that arrives twice is one row. One that was changed on the way and keeps the hash of the true one is another, and does not keep it out.
    unique (source, sequence, hash, intact)
);

-- Where a CA's lines rightly begin, if not with line 1: delivery began later, or old lines were removed from the table.
create table certwitness.beginning (
    source       text not null,
    sequence     numeric(20) not null,
    hash         text not null,
    why          text not null,
    primary key (source, sequence, hash)
);

-- A member of a line, by its path: NULL if there is none, or if the line is no JSON. PostgreSQL refuses the text of a JSON that spells U+0000 or
-- half a surrogate pair anywhere; then U+0000 and all surrogates are read as U+FFFD.
create function certwitness.member(line text, variadic path text[]) returns text language plpgsql immutable strict parallel unsafe as $$
begin
    return line::json #>> path;
exception when others then
    begin
        return regexp_replace(line, '(?<!\\)((?:\\\\)*)\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\1\\ufffd', 'g')::json #>> path;
    exception when others then
        return null;
    end;
end
$$;

create function certwitness.number(line text, variadic path text[]) returns numeric language sql immutable strict parallel unsafe as $$
    select substring(certwitness.member(line, variadic path) from '^[0-9]{1,20}$')::numeric
$$;

create view certwitness.sources as
    select distinct on (source) source, lines, first, sequence as last, sequence || ':' || hash as head, time, arrived
    from (select *, count(*) over w as lines, min(sequence) over w as first from certwitness.event
          where source is not null and sequence is not null and hash is not null window w as (partition by source)) line
    order by source, sequence desc;

-- Two lines of one CA with one number: the journal was rewritten, two machines write as one CA, or somebody sent lines in its name. A hash that is
-- there twice is that of a line and of a changed copy of it.
create view certwitness.forks as
    select source, sequence, array_agg(hash order by arrived) as hashes, array_agg(arrived order by arrived) as arrived, array_agg(sender order by arrived) as senders
    from certwitness.event where source is not null and sequence is not null and hash is not null group by source, sequence having count(*) > 1;

-- Lines whose line before is not here. "first" to "last" are the numbers that are missing, if any are. On record is what lines of the journal
-- explain, as the description of its format says:
--   journal.broken   its "sequence" is the line that was expected where the damage begins. Lines from there up to itself may be missing, and its
--                    previoushash is that of one of them, or of the last one before them
--   journal.pruned   its "sequence" and "hash" are those of the last line that was removed; the delivery has said that it missed these lines
-- Where the machine was renamed, the chain goes on under another source; module.started then names the source before.
create view certwitness.links as
with line as materialized (
    select distinct on (source, sequence, hash) source, type, sequence, previoushash, hash, intact from certwitness.event
    where source is not null and sequence is not null and previoushash is not null and hash is not null
    order by source, sequence, hash, intact desc
), place as (
    select source, sequence, lag(sequence) over (partition by source order by sequence) as before
    from (select distinct source, sequence from line) number
), loose as materialized (
    select line.*, place.before from line join place using (source, sequence)
    where not exists (select from line p where p.hash = line.previoushash and p.sequence = line.sequence - 1)
      and not (line.sequence = 1 and line.previoushash = repeat('0', 64))
), moved as materialized (
    select loose.*, (select certwitness.member(s.line, 'data', 'module', 'previousSource') from certwitness.event s
                     where loose.before is null and s.source = loose.source and s.sequence between loose.sequence and loose.sequence + 1
                       and s.type = 'certwitness.module.started' order by s.sequence, s.intact desc limit 1) as previoussource
    from loose
), known as materialized (
    select moved.source, moved.sequence, moved.previoushash, moved.hash, moved.previoussource,
           coalesce(moved.before, (select max(p.sequence) from certwitness.event p
                                   where p.source = moved.previoussource and p.sequence < moved.sequence)) as before,
           case when moved.type = 'certwitness.journal.broken'
                then (select certwitness.number(p.line, 'data', 'sequence') from certwitness.event p
                      where (p.source, p.sequence, p.hash, p.intact) = (moved.source, moved.sequence, moved.hash, moved.intact)) end as expected
    from moved
), prune as materialized (
    select source, certwitness.number(line, 'data', 'sequence') as last, certwitness.member(line, 'data', 'hash') as hash
    from certwitness.event where type = 'certwitness.journal.pruned'
), missed as materialized (
    select source, certwitness.number(line, 'data', 'first') as first, certwitness.number(line, 'data', 'last') as last
    from certwitness.event where type = 'certwitness.delivery.pruned'
), judged as (
    select known.*,
           case when expected <= before + 1 then
               exists (select from certwitness.event p where p.source in (known.source, known.previoussource)
                       and p.hash = known.previoushash and p.sequence between expected - 1 and known.sequence - 1)
               or (select count(distinct p.sequence) from certwitness.event p where p.source in (known.source, known.previoussource)
                   and p.sequence between expected and known.sequence - 1) < known.sequence - expected end as broken,
           before < sequence - 1
           and exists (select from prune where prune.source in (known.source, known.previoussource)
                       and (prune.last > known.sequence - 1 or prune.last = known.sequence - 1 and prune.hash = known.previoushash))
           and exists (select from missed where missed.source = '/certwitness-delivery/' || substring(known.source from '[^/]*$')
                       and missed.first <= known.before + 1 and missed.last >= known.sequence - 1) as pruned,
           before is null
           and exists (select from certwitness.beginning b where (b.source, b.sequence, b.hash) = (known.source, known.sequence, known.hash)) as begins
    from known
)
select source, sequence,
       case when before is null and sequence > 1 then 'begins late' when before < sequence - 1 then 'gap' else 'broken link' end as fault,
       case when before < sequence - 1 then before + 1 end as first, case when before < sequence - 1 then sequence - 1 end as last,
       coalesce(broken or pruned or begins, false) as on_record,
       case when broken then 'journal.broken' when pruned then 'journal.pruned' when begins then 'certwitness.beginning' end as record
from judged;

-- Every fault, from the lines alone: each line's hash, and the chain.
create function certwitness.check() returns table (source text, sequence numeric, fault text, first numeric, last numeric, on_record boolean, record text)
    language sql stable set jit = off as $$
    select source, sequence, 'changed', null::numeric, null::numeric, false, null::text from certwitness.event
    where hash <> certwitness.hash_of(line)
    union all
    select source, sequence, 'no line', null, null, false, left(line, 200) from certwitness.event
    where (source is null or sequence is null or previoushash is null or hash is null) and type not like 'certwitness.delivery.%' is not false
    union all
    select source, sequence, 'fork', null, null, false, array_to_string(hashes, ' ') from certwitness.forks
    union all
    select source, sequence, fault, first, last, on_record, record from certwitness.links
    order by 1, 2, 3
$$;

-- For people and for alarms: what most ask for.
create view certwitness.certificates as
    select source, sequence, time, type, certwitness.member(line, 'data', 'request', 'RequestID') as request,
           certwitness.member(line, 'data', 'request', 'RequesterName') as requester,
           coalesce(certwitness.member(line, 'data', 'certificate', 'DistinguishedName'),
                    certwitness.member(line, 'data', 'request', 'Request.DistinguishedName')) as name,
           certwitness.member(line, 'data', 'certificate', 'SerialNumber') as serial,
           certwitness.member(line, 'data', 'certificate', 'CertificateTemplate') as template
    from certwitness.event where type like 'certwitness.certificate.%';

do $$
begin
    if not exists (select from pg_roles where rolname = 'certwitness_writer') then create role certwitness_writer nologin; end if;
    if not exists (select from pg_roles where rolname = 'certwitness_reader') then create role certwitness_reader nologin; end if;
end
$$;
revoke all on all tables in schema certwitness from public;
revoke all on all functions in schema certwitness from public;
grant usage on schema certwitness to certwitness_writer, certwitness_reader;
grant insert (line, sender) on certwitness.event to certwitness_writer;
grant execute on function certwitness.envelope, certwitness.hash_of to certwitness_writer;
grant select on all tables in schema certwitness to certwitness_reader;
grant execute on all functions in schema certwitness to certwitness_reader;
commit;

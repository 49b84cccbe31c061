-- 业务编号: two letters of the kind, the day of the first submission in Shanghai, and a serial number of kind and day.
alter table matter add column number text;
create unique index matter_number on matter (number) where number is not null;

-- The first serial number that no server has reserved yet.
create table matter_number_block (
    prefix text not null,
    day text not null,
    next_serial integer not null check (next_serial > 0),
    primary key (prefix, day)
) strict;

create temporary table numbered_matter as
select m.id, p.prefix, date(m.submitted_at, '+8 hours') as day,
    row_number() over (partition by p.prefix, date(m.submitted_at, '+8 hours') order by m.submitted_at, m.id) as serial
from matter m
join (
    select 'registration' as kind, 'ZC' as prefix
    union all select 'annual_confirmation', 'NQ'
    union all select 'reregistration', 'ZZ'
    union all select 'transfer', 'ZH'
    union all select 'appeal', 'SS'
    union all select 'complaint', 'TS'
    union all select 'disposition', 'CZ'
    union all select 'identity_change', 'BG'
) p on p.kind = m.kind
where m.submitted_at is not null;
update matter set number = (
    select n.prefix || replace(n.day, '-', '') || printf('%05d', n.serial) from numbered_matter n where n.id = matter.id
) where id in (select id from numbered_matter);
insert into matter_number_block (prefix, day, next_serial) select prefix, day, max(serial) + 1 from numbered_matter group by prefix, day;
drop table numbered_matter;

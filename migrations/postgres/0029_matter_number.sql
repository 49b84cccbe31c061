-- 业务编号: two letters of the kind, the day of the first submission in Shanghai, and a serial number of kind and day.
alter table matter add column number text;
create unique index matter_number on matter (number) where number is not null;

-- The first serial number that no server has reserved yet.
create table matter_number_block (
    prefix text not null,
    day date not null,
    next_serial bigint not null check (next_serial > 0),
    primary key (prefix, day)
);

create temporary table numbered_matter on commit drop as
select m.id, p.prefix, (m.submitted_at at time zone 'Asia/Shanghai')::date as day,
    row_number() over (partition by p.prefix, (m.submitted_at at time zone 'Asia/Shanghai')::date order by m.submitted_at, m.id) as serial
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
update matter set number = n.prefix || to_char(n.day, 'YYYYMMDD') || lpad(n.serial::text, greatest(5, length(n.serial::text)), '0')
from numbered_matter n where n.id = matter.id;
insert into matter_number_block (prefix, day, next_serial) select prefix, day, max(serial) + 1 from numbered_matter group by prefix, day;
drop table numbered_matter;

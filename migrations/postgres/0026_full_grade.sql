-- Registrations submitted before this release were made when the full grade needed no trainee grade; they are judged by those rules.
insert into rule_param (key, value, effective_from)
select added.key, added.value, added.effective_from
from (
    select 'reg.full.direct' as key, 'yes' as value, date '2000-01-01' as effective_from
    union all select 'reg.full.direct', 'no', cast(now() at time zone 'UTC' + interval '8 hours' as date)
    union all select 'reg.full.audits_since_trainee', 'no', date '2000-01-01'
    union all select 'reg.full.audits_since_trainee', 'yes', cast(now() at time zone 'UTC' + interval '8 hours' as date)
) added
where exists (select 1 from matter where kind = 'registration' and submitted_at is not null)
  and not exists (select 1 from rule_param present where present.key = added.key);

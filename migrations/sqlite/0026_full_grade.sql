-- Registrations submitted before this release were made when the full grade needed no trainee grade; they are judged by those rules.
insert into rule_param (key, value, effective_from)
select added.key, added.value, added.effective_from
from (
    select 'reg.full.direct' as key, 'yes' as value, '2000-01-01' as effective_from
    union all select 'reg.full.direct', 'no', date('now', '+8 hours')
    union all select 'reg.full.audits_since_trainee', 'no', '2000-01-01'
    union all select 'reg.full.audits_since_trainee', 'yes', date('now', '+8 hours')
) added
where exists (select 1 from matter where kind = 'registration' and submitted_at is not null)
  and not exists (select 1 from rule_param present where present.key = added.key);

-- A person practises in one institution at a time. Of several the one that began last stays.
update membership set status = 'ended'
where role = 'practitioner' and status = 'active' and exists (
    select 1 from membership newer
    where newer.account_id = membership.account_id and newer.role = 'practitioner' and newer.status = 'active'
      and (newer.since > membership.since or (newer.since = membership.since and newer.institution_id > membership.institution_id))
);
create unique index membership_practice on membership (account_id) where role = 'practitioner' and status = 'active';

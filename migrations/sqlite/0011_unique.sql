-- What an open matter claims for itself: no other open matter has the same key. Keys of registrations cannot be derived here, since the
-- answers are sealed; such a matter claims them with its next command.
create table matter_key (
    key text not null primary key,
    matter_id blob not null references matter (id)
) strict;
create index matter_key_matter on matter_key (matter_id);

insert into matter_key (key, matter_id)
select 'certificate:' || c.number, m.id
from matter m join matter_certificate a on a.matter_id = m.id join certificate c on c.id = a.certificate_id
where m.submitted_at is not null and m.closed_at is null
order by m.submitted_at, m.id
on conflict (key) do nothing;

insert into matter_key (key, matter_id)
select 'appeal:' || (substr(lower(hex(d.disputed_id)), 1, 8) || '-'
    || substr(lower(hex(d.disputed_id)), 9, 4) || '-'
    || substr(lower(hex(d.disputed_id)), 13, 4) || '-'
    || substr(lower(hex(d.disputed_id)), 17, 4) || '-'
    || substr(lower(hex(d.disputed_id)), 21, 12)), m.id
from matter m join dispute d on d.matter_id = m.id
where m.kind = 'appeal' and m.submitted_at is not null and m.closed_at is null
order by m.submitted_at, m.id
on conflict (key) do nothing;

insert into matter_key (key, matter_id)
select 'transfer:' || (substr(lower(hex(m.owner_id)), 1, 8) || '-'
    || substr(lower(hex(m.owner_id)), 9, 4) || '-'
    || substr(lower(hex(m.owner_id)), 13, 4) || '-'
    || substr(lower(hex(m.owner_id)), 17, 4) || '-'
    || substr(lower(hex(m.owner_id)), 21, 12)) || ':', m.id
from matter m
where m.kind = 'transfer' and m.submitted_at is not null and m.closed_at is null
order by m.submitted_at, m.id
on conflict (key) do nothing;

-- A person holds one certificate of a domain and grade. Those issued before this rule stay as they are, beside the newest.
alter table certificate add column is_duplicate integer not null default 0;
update certificate set is_duplicate = 1
where status in ('valid', 'suspended') and exists (
    select 1 from certificate newer
    where newer.account_id = certificate.account_id and newer.domain = certificate.domain and newer.grade = certificate.grade
    and newer.status in ('valid', 'suspended') and newer.number > certificate.number
);
create unique index certificate_held_key on certificate (account_id, domain, grade) where status in ('valid', 'suspended') and is_duplicate = 0;

-- A trade of a gateway pays one order. Receipts of vouchers have no gateway.
alter table receipt add column gateway text;
update receipt set gateway = (select p.gateway from payment_order p where p.id = receipt.order_id and p.gateway <> 'voucher')
where not exists (select 1 from receipt other where other.trade = receipt.trade and other.order_id < receipt.order_id);
create unique index receipt_gateway_trade_key on receipt (gateway, trade);

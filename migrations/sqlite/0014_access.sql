-- Notes, items and reasons of an event, sealed; null where there are none, and in rows of earlier releases, whose event holds them.
alter table matter_event add column private_sealed blob;

-- Text of a message, sealed; null in rows of earlier releases, whose body holds it.
alter table message add column body_sealed blob;

-- Finance's reason for rejecting a voucher, sealed; null without one, and in rows of earlier releases.
alter table payment_order add column note_sealed blob;
-- The first of two people who accept a large voucher.
alter table payment_order add column checked_by blob references account (id);
alter table payment_order add column checked_at text;

-- The first of two people who send a refund.
alter table refund add column approved_by blob references account (id);
alter table refund add column approved_at text;

-- Keyed fingerprints of the transfer number and of the files of a voucher, to find a voucher that was used before.
create table voucher_mark (
    order_id blob not null references payment_order (id),
    kind text not null check (kind in ('number', 'file')),
    mark blob not null,
    primary key (order_id, kind, mark)
) strict;
create index voucher_mark_mark on voucher_mark (mark);

-- Id of the key of an entry's hash; null for entries of earlier releases, whose hash has none.
alter table audit add column key_id integer;
-- Keyed hash of a pending entry; null for entries of earlier releases.
alter table audit_waiting add column mac blob;

create trigger audit_is_not_updated before update on audit
begin
    select raise(abort, 'entries of the audit trail are never changed');
end;
create trigger audit_is_not_deleted before delete on audit
begin
    select raise(abort, 'entries of the audit trail are never changed');
end;

-- Who opened which case or file, and who was refused. Never the content.
create table access_event (
    id blob not null primary key,
    at text not null,
    account_id blob,
    action text not null,
    matter_id blob,
    target text not null
) strict;
create index access_event_at on access_event (at);
create index access_event_account on access_event (account_id, at desc);
create index access_event_matter on access_event (matter_id, at desc) where matter_id is not null;

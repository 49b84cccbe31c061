-- Notes, items and reasons of an event, sealed; null where there are none, and in rows of earlier releases, whose event holds them.
alter table matter_event add column private_sealed bytea;

-- Text of a message, sealed; null in rows of earlier releases, whose body holds it.
alter table message add column body_sealed bytea;

-- Finance's reason for rejecting a voucher, sealed; null without one, and in rows of earlier releases.
alter table payment_order add column note_sealed bytea;
-- The first of two people who accept a large voucher.
alter table payment_order add column checked_by uuid references account (id);
alter table payment_order add column checked_at timestamptz;

-- The first of two people who send a refund.
alter table refund add column approved_by uuid references account (id);
alter table refund add column approved_at timestamptz;

-- Keyed fingerprints of the transfer number and of the files of a voucher, to find a voucher that was used before.
create table voucher_mark (
    order_id uuid not null references payment_order (id),
    kind text not null check (kind in ('number', 'file')),
    mark bytea not null,
    primary key (order_id, kind, mark)
);
create index voucher_mark_mark on voucher_mark (mark);

-- Id of the key of an entry's hash; null for entries of earlier releases, whose hash has none.
alter table audit add column key_id bigint;
-- Keyed hash of a pending entry; null for entries of earlier releases.
alter table audit_waiting add column mac bytea;

create function audit_is_unchanged() returns trigger language plpgsql as $$
begin
    raise exception 'entries of the audit trail are never changed';
end;
$$;
create trigger audit_is_unchanged before update or delete on audit for each row execute function audit_is_unchanged();

-- Who opened which case or file, and who was refused. Never the content.
create table access_event (
    id uuid not null primary key,
    at timestamptz not null,
    account_id uuid,
    action text not null,
    matter_id uuid,
    target text not null
);
create index access_event_at on access_event (at);
create index access_event_account on access_event (account_id, at desc);
create index access_event_matter on access_event (matter_id, at desc) where matter_id is not null;

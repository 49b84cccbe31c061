-- Ids of deleted drafts, so that a late or repeated request of a device does not bring one back.
create table discarded_draft (
    matter_id uuid not null primary key,
    owner_id uuid not null references account (id),
    at timestamptz not null
);

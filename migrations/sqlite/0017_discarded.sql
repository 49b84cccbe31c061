-- Ids of deleted drafts, so that a late or repeated request of a device does not bring one back.
create table discarded_draft (
    matter_id blob not null primary key,
    owner_id blob not null references account (id),
    at text not null
) strict;

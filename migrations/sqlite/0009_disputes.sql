-- Institutions tied to a matter beside the one that recommends: 转出机构, 转入机构, and the one at whose desk it was begun.
create table matter_tie (
    matter_id blob not null references matter (id),
    link text not null check (link in ('leaving', 'joining', 'filing')),
    institution_id blob not null references institution (id),
    primary key (matter_id, link)
) strict;
create index matter_tie_institution on matter_tie (institution_id, matter_id);

-- Accounts to whom a matter is closed, whatever their role: whom it is about, and whose decision it disputes.
create table matter_apart (
    matter_id blob not null references matter (id),
    account_id blob not null references account (id),
    primary key (matter_id, account_id)
) strict;

-- The matter whose decision an appeal disputes.
create table dispute (
    matter_id blob not null primary key references matter (id),
    disputed_id blob not null references matter (id)
) strict;
create index dispute_disputed on dispute (disputed_id);

-- 转换执业机构 that were approved: from where to where, and since when.
create table transfer (
    matter_id blob not null primary key references matter (id),
    account_id blob not null references account (id),
    from_institution_id blob not null references institution (id),
    to_institution_id blob not null references institution (id),
    effective_on text not null
) strict;
create index transfer_account on transfer (account_id, effective_on desc);

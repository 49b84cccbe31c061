-- What an approved change of identity replaced: name, document, sex and birth date before it, sealed, with the matter and who approved it.
create table identity_change (
    matter_id uuid not null primary key references matter (id),
    account_id uuid not null references account (id),
    before_sealed bytea not null,
    approved_by uuid references account (id),
    changed_at timestamptz not null
);
create index identity_change_account on identity_change (account_id, changed_at);

-- Names that a certificate bore before a change of its holder's name, sealed.
create table former_holder (
    certificate_id uuid not null references certificate (id),
    matter_id uuid not null references matter (id),
    holder_sealed bytea not null,
    replaced_on date not null,
    primary key (certificate_id, matter_id)
);

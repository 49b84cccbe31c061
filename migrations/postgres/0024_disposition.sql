-- A measure that was decided for a certificate and is not part of its status yet. The status on a day is derived from it.
alter table certificate add column scheduled_measure text;
alter table certificate add column scheduled_on date;

-- Measures of the association: what was decided, what it changed when it took effect, and how an appeal lifted it.
create table disposition (
    matter_id uuid not null primary key references matter (id),
    certificate_id uuid not null references certificate (id),
    measure text not null check (measure in ('warn', 'suspend', 'resume', 'revoke', 'cancel')),
    effective_on date not null,
    decided_at timestamptz not null,
    applied_at timestamptz,
    status_before text,
    overdue_before date,
    lifted_at timestamptz,
    lifting text check (lifting in ('dropped', 'unchanged', 'restored', 'overtaken', 'replaced'))
);
create index disposition_certificate on disposition (certificate_id, decided_at desc);
create unique index disposition_scheduled on disposition (certificate_id) where applied_at is null and lifted_at is null;

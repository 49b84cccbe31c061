-- The next day on which time does something to a certificate: a reminder, a suspension, its end. What was issued before is looked at once.
alter table certificate add column look_on text;
update certificate set look_on = issued_on;
create index certificate_look on certificate (look_on, id) where look_on is not null;

-- Since when a certificate is suspended, or over, because nobody confirmed it; none for one suspended as a disposition.
alter table certificate add column overdue_from text;

-- Certificates that a submitted matter asks to keep alive.
create table matter_certificate (
    matter_id blob not null references matter (id),
    certificate_id blob not null references certificate (id),
    primary key (matter_id, certificate_id)
) strict;
create index matter_certificate_certificate on matter_certificate (certificate_id, matter_id);

-- How a certificate was kept alive: by which matter, and what it was worth before and since.
create table certificate_term (
    certificate_id blob not null references certificate (id),
    matter_id blob not null references matter (id),
    upkeep text not null check (upkeep in ('confirmation', 'renewal')),
    effective_on text not null,
    valid_before text not null,
    valid_until text not null,
    due_before text not null,
    confirm_due_on text not null,
    primary key (certificate_id, matter_id)
) strict;

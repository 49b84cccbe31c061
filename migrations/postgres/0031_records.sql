-- How often something happened to an account in an hour: failures to sign in, refusals. Of the events themselves an hour has some only.
create table event_count (
    account_id uuid not null,
    action text not null,
    hour timestamptz not null,
    times bigint not null,
    primary key (account_id, action, hour)
);
create index event_count_hour on event_count (hour);
create index sign_in_event_at on sign_in_event (at);

-- Why a score was corrected, sealed; null without a reason, and in rows of earlier releases, whose reason holds it.
alter table score_version add column reason_sealed bytea;

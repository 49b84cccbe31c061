-- The submitted revision of which the facets of a matter are stored; null before they are.
alter table matter add column facets_of bigint;
create index matter_facets_missing on matter (id) where submitted_revision is not null and facets_of is null;

-- What a submitted matter is searched by: `domain=QMS`.
create table matter_facet (
    matter_id uuid not null references matter (id),
    facet text not null,
    primary key (matter_id, facet)
);
create index matter_facet_facet on matter_facet (facet, matter_id);

-- Keyed fingerprints of the beginnings of a person's folded name, the whole name among them; an empty one for an account whose data no key opens.
create table name_mark (
    account_id uuid not null references account (id),
    mark bytea not null,
    primary key (account_id, mark)
);
create index name_mark_mark on name_mark (mark, account_id);

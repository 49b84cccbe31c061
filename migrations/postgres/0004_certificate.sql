-- A certificate of a higher grade takes the place of the one before it.
alter table certificate add column superseded_by uuid references certificate (id);

-- The day a certificate is made public. What was issued before there were lists is public already.
alter table certificate add column published_on date;
update certificate set published_on = issued_on;
create index certificate_published on certificate (published_on desc, number desc);
create index certificate_institution on certificate (institution_id, published_on desc, number desc);

//! Integration tests of the server, in one program: the site over HTTP on both databases, and the binary `registrar` itself.

mod binary;
mod browser;
mod certificate;
mod daily_job;
mod delivery;
mod disputes;
mod drafts;
mod outline;
mod pages;
mod payment;
mod permissions;
mod renewal;
mod requests;
mod requirements;
mod site;
mod sockets;
mod uploads;

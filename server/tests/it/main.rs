//! Integration tests of the server, in one program: the site over HTTP on both databases, and the binary `registrar` itself.

mod binary;
mod blind;
mod browser;
mod certificate;
mod daily_job;
mod delivery;
mod disputes;
mod drafts;
mod floods;
mod kill;
mod matrix;
mod operation;
mod outline;
mod pages;
mod payment;
mod permissions;
mod races;
mod renewal;
mod requests;
mod requirements;
mod security;
mod site;
mod sockets;
mod text;
mod uploads;
mod wire;

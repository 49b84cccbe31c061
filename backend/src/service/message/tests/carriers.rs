//! The real transports: a program, and a mail server on this machine.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::service::message::sms_command::SmsCommandTransport;
use crate::service::message::smtp::SmtpTransport;
use crate::service::message::tests::*;

fn message(target: &str) -> OutboundMessage {
    let subject = "人员注册：结果通知".to_owned();
    OutboundMessage {
        id: Uuid::from_u128(7),
        target: target.into(),
        subject,
        body: "林晓月，您好：\n.\n您的人员注册业务已有办理结果。\n".into(),
    }
}

fn program(folder: &Path, text: &str) -> SmsCommandTransport {
    let path = folder.join("send-sms");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    SmsCommandTransport::new(path)
}

#[tokio::test]
async fn the_program_gets_number_and_text_on_its_standard_input_and_nothing_as_an_argument() {
    let folder = tempfile::tempdir().unwrap();
    let (got, argv) = (folder.path().join("got"), folder.path().join("argv"));
    let script = format!("cat > '{}'; echo \"$# $*\" > '{}'", got.display(), argv.display());
    program(folder.path(), &script).send(&message("13800000001")).await.unwrap();
    let got: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(got).unwrap()).unwrap();
    assert_eq!(got["mobile"], "13800000001");
    assert_eq!(got["id"], Uuid::from_u128(7).to_string());
    assert!(got["text"].as_str().unwrap().contains("林晓月"));
    assert_eq!(std::fs::read_to_string(argv).unwrap().trim(), "0");
}

#[tokio::test]
async fn a_program_that_fails_or_is_not_there_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    for script in ["exit 3", "cat > /dev/null; kill -9 $$"] {
        let sent = program(folder.path(), script).send(&message("13800000001")).await;
        assert_eq!(sent, Err(TransportError::Temporary("the SMS program failed")), "{script}");
    }
    let nothing = SmsCommandTransport::new(folder.path().join("nothing")).send(&message("13800000001")).await;
    assert_eq!(nothing, Err(TransportError::Temporary("the SMS program does not start")));
}

demo_test!(a_program_that_hangs_is_killed_after_ten_seconds_and_tried_again, |demo| async move {
    let server = fixture(demo).await;
    let id = server.returned().await;
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let hanging = program(folder.path(), &format!("echo $$ > '{}'; exec sleep 600", pid.display()));
    let begun = std::time::Instant::now();
    server.drain(&hanging).await;
    assert!((9..20).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(server.state(id).await, State::Failed(server.app.now() + TimeDelta::minutes(1)));
    let pid = std::fs::read_to_string(pid).unwrap();
    let status = Path::new("/proc").join(pid.trim()).join("status");
    for _ in 0..50 {
        // Killed at once, and reaped by the runtime a moment later.
        match std::fs::read_to_string(&status) {
            Ok(text) if !text.contains("State:\tZ") => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            _ => return,
        }
    }
    panic!("the program still runs");
});

/// A mail server that responds `recipient` to every recipient and records accepted mails.
async fn mail_server(recipient: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let mails = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, recipient, Arc::clone(&mails)));
        }
    });
    (url, taken)
}

async fn converse(stream: tokio::net::TcpStream, recipient: &'static str, mails: Arc<Mutex<Vec<String>>>) {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    to.write_all(b"220 mail.test\r\n").await.unwrap();
    let mut mail: Option<String> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match (&mut mail, line.split([' ', ':']).next().unwrap_or("")) {
            (Some(text), _) if line == "." => {
                mails.lock().unwrap().push(std::mem::take(text));
                mail = None;
                "250 taken"
            }
            (Some(text), _) => {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            (None, "EHLO") => "250-mail.test\r\n250 8BITMIME",
            (None, "RCPT") => recipient,
            (None, "DATA") => {
                mail = Some(String::new());
                "354 go on"
            }
            (None, "QUIT") => "221 bye",
            _ => "250 ok",
        };
        to.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_mail_reaches_a_real_server_with_subject_text_and_an_id_of_its_own() {
    let (url, taken) = mail_server("250 ok").await;
    let smtp = SmtpTransport::new(&url, "认证人员综合服务平台 <registrar@example.cn>").unwrap();
    smtp.send(&message("applicant@example.com")).await.unwrap();
    smtp.send(&message("applicant@example.com")).await.unwrap();
    let taken = taken.lock().unwrap();
    assert_eq!(taken.len(), 2);
    let (head, body) = taken[0].split_once("\n\n").unwrap();
    assert!(head.contains("To: applicant@example.com") && head.contains("registrar@example.cn"), "{head}");
    assert!(head.contains(&format!("Message-ID: <{}@example.cn>", Uuid::from_u128(7))), "{head}");
    assert!(head.contains("Subject: =?utf-8?b?") && head.contains("charset=utf-8"), "{head}");
    let plain = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body.replace('\n', "")).unwrap();
    assert_eq!(String::from_utf8(plain).unwrap().replace("\r\n", "\n"), message("").body);
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_told_from_what_it_refuses_now() {
    let refused = |recipient| async move {
        let (url, _) = mail_server(recipient).await;
        SmtpTransport::new(&url, "registrar@example.cn").unwrap().send(&message("applicant@example.com")).await
    };
    assert!(matches!(refused("550 no such mailbox").await, Err(TransportError::Permanent(_))));
    assert!(matches!(refused("451 try later").await, Err(TransportError::Temporary(_))));
    let nobody = SmtpTransport::new("smtp://127.0.0.1:1", "registrar@example.cn").unwrap();
    assert!(matches!(nobody.send(&message("applicant@example.com")).await, Err(TransportError::Temporary(_))));
    assert!(matches!(nobody.send(&message("no address")).await, Err(TransportError::Permanent(_))));
}

demo_test!(the_outbox_is_drained_through_a_real_server, |demo| async move {
    let server = fixture(demo).await;
    server.returned().await;
    let (url, taken) = mail_server("250 ok").await;
    let smtp = SmtpTransport::new(&url, "registrar@example.cn").unwrap();
    assert!(!deliver_due(&server.app, Channel::Mail, Some(&smtp)).await.unwrap());
    assert_eq!(taken.lock().unwrap().len(), 1);
});

#[test]
fn addresses_of_servers_and_senders_are_read() {
    assert!(SmtpTransport::is_valid_url("smtps://robot:secret@mail.example.cn") && !SmtpTransport::is_valid_url("mail.example.cn"));
    assert!(SmtpTransport::is_valid_sender("平台 <registrar@example.cn>") && !SmtpTransport::is_valid_sender("registrar"));
}

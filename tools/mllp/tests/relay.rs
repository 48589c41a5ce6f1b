//! The program itself, between a sender over MLLP and a server over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has found something"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mllp::frame;

/// The program, killed when the test ends.
struct Relay {
    child: Child,
    address: String,
}

impl Relay {
    fn start(to: &str, spool: &Path, answer: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mllp"))
            .args([
                "--to",
                to,
                "--listen",
                "127.0.0.1:0",
                "--answer",
                answer,
                "--spool",
            ])
            .arg(spool)
            .env("REFERRAL_LOOP_KEY", "k1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.split([' ', ',']).nth(2).unwrap().to_owned();
        Self { child, address }
    }

    /// Sends a message and reads the answer.
    fn send(&self, message: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        frame::write(&mut stream, message.as_bytes()).unwrap();
        let answer = frame::read(&mut BufReader::new(stream)).unwrap().unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Sends a message and does not wait.
    fn send_only(&self, message: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        frame::write(&mut stream, message.as_bytes()).unwrap();
        stream
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request, answered: the head and the body that came.
fn serve_one(server: &TcpListener, answer: &str) -> (String, String) {
    loop {
        if let Some(served) = serve(server, answer) {
            return served;
        }
    }
}

/// The next connection; nothing where it was cut off before its request was whole, as a kill leaves it.
fn serve(server: &TcpListener, answer: &str) -> Option<(String, String)> {
    let (stream, _) = server.accept().unwrap();
    let mut from = BufReader::new(&stream);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        from.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    // A sender that was killed meanwhile does not hear it.
    let _ = (&stream).write_all(answer.as_bytes());
    Some((head, String::from_utf8(body).unwrap()))
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn message(control_id: &str) -> String {
    format!(
        "MSH|^~\\&|A|B|C|D|20260101||OSU^O51|{control_id}|P|2.5.1|||AL|NE\rPID|1||7^^^B\rORC|OK|1^B\r"
    )
}

fn spool(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_sender_hears_what_the_function_says() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = spool("function");
    let relay = Relay::start(
        &format!("http://{}/", server.local_addr().unwrap()),
        &folder,
        "function",
    );
    let served = std::thread::spawn(move || serve_one(&server, &ok("MSH|^~\\&|the answer\r")));
    assert_eq!(relay.send(&message("1")), "MSH|^~\\&|the answer\r");
    let (head, body) = served.join().unwrap();
    assert!(head.starts_with("POST /hl7 HTTP/1.1"), "{head}");
    assert!(
        head.to_ascii_lowercase()
            .contains("authorization: bearer k1"),
        "{head}"
    );
    assert_eq!(body, message("1"));
    assert_eq!(files(&folder), Vec::<String>::new());
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_arrives_in_order() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}", server.local_addr().unwrap());
    let folder = spool("kill");
    // Nobody accepts at the server yet: the first message hangs there, the others wait.
    let mut relay = Relay::start(&to, &folder, "stored");
    for control_id in ["1", "2", "3"] {
        let answer = relay.send(&message(control_id));
        assert!(
            answer.contains(&format!("\rMSA|CA|{control_id}")),
            "{answer}"
        );
    }
    relay.kill();
    assert_eq!(files(&folder).len(), 3);
    std::fs::write(folder.join("00000000000000000009.part"), b"half").unwrap();
    let _relay = Relay::start(&to, &folder, "stored");
    let mut arrived = Vec::new();
    while arrived.last() != Some(&message("3")) {
        // The try that the kill cut off may still be in the queue of the server: the same message, a second time.
        let (_, body) = serve_one(&server, &ok(""));
        if arrived.last() != Some(&body) {
            arrived.push(body);
        }
    }
    assert_eq!(arrived, ["1", "2", "3"].map(message));
}

#[test]
fn a_function_that_fails_is_asked_again_and_the_sender_hears_its_answer_then() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = spool("again");
    let relay = Relay::start(
        &format!("http://{}", server.local_addr().unwrap()),
        &folder,
        "function",
    );
    let stream = relay.send_only(&message("1"));
    serve_one(
        &server,
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    assert_eq!(files(&folder).len(), 1);
    serve_one(&server, &ok("MSH|later\r"));
    let answer = frame::read(&mut BufReader::new(stream)).unwrap().unwrap();
    assert_eq!(answer, b"MSH|later\r");
}

#[test]
fn a_message_that_is_refused_for_good_is_kept_and_holds_up_nothing() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = spool("refused");
    let relay = Relay::start(
        &format!("http://{}", server.local_addr().unwrap()),
        &folder,
        "function",
    );
    let refused = relay.send_only(&message("1"));
    serve_one(
        &server,
        "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    let answer = frame::read(&mut BufReader::new(refused)).unwrap().unwrap();
    assert!(String::from_utf8(answer).unwrap().contains("\rMSA|CR|1|"));
    let taken = relay.send_only(&message("2"));
    serve_one(&server, &ok("MSH|2\r"));
    assert_eq!(
        frame::read(&mut BufReader::new(taken)).unwrap().unwrap(),
        b"MSH|2\r"
    );
    assert_eq!(files(&folder), ["00000000000000000001.refused"]);
}

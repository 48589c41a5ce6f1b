//! The schedule that Spin does not have: while `cargo dev` serves on it, the sweep is called as an operator's crontab would call it.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::Duration,
};

/// The most slices of one round: what is left is due at the next one too.
const SLICES_MAX: usize = 20;
/// Longer than a slice takes on a busy machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Calls the sweep of the server on `port` every so many seconds, for as long as this program runs.
pub fn sweep_every(seconds: u32, port: u16, admin_key: String) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(seconds.into()));
            if let Err(error) = sweep(port, &admin_key) {
                eprintln!("the sweep did not run: {error}");
            }
        }
    });
}

/// One round: slices until one says that there is no more.
fn sweep(port: u16, admin_key: &str) -> io::Result<()> {
    for _ in 0..SLICES_MAX {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        write!(
            stream,
            "POST /sweep HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {admin_key}\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.lines().next().unwrap_or_default();
        if !status.contains(" 200 ") {
            return Err(io::Error::other(status.to_owned()));
        }
        if !answer.contains("\"more\":true") {
            return Ok(());
        }
    }
    Ok(())
}

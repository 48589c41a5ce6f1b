//! MLLP's framing: 0x0B, the message, 0x1C 0x0D (HL7 v2 transport specification, MLLP release 1).

use std::io::{self, BufRead, Write};

const START: u8 = 0x0B;
const END: u8 = 0x1C;
const RETURN: u8 = 0x0D;

/// Bytes of one message; ours: a letter of 1.5 MB in Base64, twice.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The next message, or nothing at the end of the connection. What stands between messages is passed over.
///
/// # Errors
/// Of the connection, and where a message is longer than [`MESSAGE_BYTES_MAX`] or the connection ends inside one.
pub fn read(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    loop {
        let passed = from.fill_buf()?;
        if passed.is_empty() {
            return Ok(None);
        }
        let start = passed.iter().position(|byte| *byte == START);
        let length = passed.len();
        from.consume(start.map_or(length, |at| at + 1));
        if start.is_some() {
            return body(from).map(Some);
        }
    }
}

fn body(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let read = from.fill_buf()?;
        if read.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = read.iter().position(|byte| *byte == END);
        let length = end.unwrap_or(read.len());
        message.extend(read.iter().take(length));
        from.consume(end.map_or(length, |at| at + 1));
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a message longer than 4 MiB",
            ));
        }
        if end.is_some() {
            // The carriage return after it; some leave it out, and none of them may keep the message waiting.
            return Ok(message);
        }
    }
}

/// Writes a message in its frame.
///
/// # Errors
/// Of the connection.
pub fn write(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let mut framed = Vec::with_capacity(message.len() + 3);
    framed.push(START);
    framed.extend_from_slice(message);
    framed.extend([END, RETURN]);
    to.write_all(&framed)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_one_after_the_other_whatever_stands_between() {
        let bytes = b"noise\x0bMSH|1\r\x1c\x0d\r\n\x0bMSH|2\r\x1c\x0b\x1c\x0d";
        // A buffer of one byte: no message may depend on how the network cuts it.
        let mut from = io::BufReader::with_capacity(1, bytes.as_slice());
        let mut found = Vec::new();
        while let Some(message) = read(&mut from).unwrap() {
            found.push(message);
        }
        assert_eq!(
            found,
            [b"MSH|1\r".to_vec(), b"MSH|2\r".to_vec(), Vec::new()]
        );
    }

    #[test]
    fn a_message_that_is_cut_off_or_too_long_is_an_error() {
        assert!(read(&mut b"\x0bMSH|".as_slice()).is_err());
        let long =
            |length: usize| [&[START], vec![b'a'; length].as_slice(), &[END, RETURN]].concat();
        assert!(
            read(&mut long(MESSAGE_BYTES_MAX).as_slice())
                .unwrap()
                .is_some()
        );
        assert!(read(&mut long(MESSAGE_BYTES_MAX + 1).as_slice()).is_err());
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, b"MSH|1\r").unwrap();
        assert_eq!(bytes, b"\x0bMSH|1\r\x1c\x0d");
        assert_eq!(
            read(&mut bytes.as_slice()).unwrap(),
            Some(b"MSH|1\r".to_vec())
        );
    }
}

//! The room's socket as a pair of a reader and a queue for writing. A slow network holds up neither media nor the reader.

use futures_util::{SinkExt as _, StreamExt as _, stream::SplitStream};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::mpsc,
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header::AUTHORIZATION},
        protocol::WebSocketConfig,
    },
};

use super::messages::Incoming;

/// Messages waiting to be written; a still that finds no room is left out.
const QUEUE_MAX: usize = 64;
/// Cleared at every look for a message, also when there is none: of the 128 KiB of the library that was a tenth of what a simulated
/// site cost.
const READ_BUFFER_BYTES: usize = 4096;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open socket of a room.
pub struct Socket {
    reader: SplitStream<WebSocketStream<Box<dyn Stream>>>,
    writer: Outgoing,
}

/// Where messages to the server are put.
#[derive(Clone, Debug)]
pub struct Outgoing(mpsc::Sender<Message>);

#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error("the room does not answer: {0}")]
    Unreachable(String),
    /// The HTTP status with which the room was refused.
    #[error("the room was refused with {0}")]
    Refused(u16),
    /// Closed by the server with this code.
    #[error("the room was closed with {0}")]
    Closed(u16),
}

impl Outgoing {
    /// Says something that must not be lost while the socket lives; false when the queue is full or the socket gone.
    pub fn say(&self, message: &serde_json::Value) -> bool {
        self.0.try_send(Message::text(message.to_string())).is_ok()
    }

    /// Sends a still of the own camera; left out when the line is busy.
    pub fn still(&self, jpeg: &[u8]) {
        // Half the queue stays free for words.
        if self.0.capacity() > QUEUE_MAX / 2 {
            let mut frame = Vec::with_capacity(jpeg.len() + 1);
            frame.push(1);
            frame.extend_from_slice(jpeg);
            let _ = self.0.try_send(Message::binary(frame));
        }
    }

    /// Closes after what was said before.
    pub fn close(&self) {
        let _ = self.0.try_send(Message::Close(None));
    }
}

impl Socket {
    /// Where messages to the server are put.
    pub fn outgoing(&self) -> &Outgoing {
        &self.writer
    }

    /// The next message. Safe to drop half-way. After an error the socket is done.
    pub async fn receive(&mut self) -> Result<Incoming, SocketError> {
        loop {
            match self.reader.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Incoming::read(&text)),
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| u16::from(frame.code));
                    return Err(SocketError::Closed(code));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(SocketError::Unreachable(error.to_string())),
                None => return Err(SocketError::Closed(1006)),
            }
        }
    }
}

pub(super) async fn open(
    tls: &TlsConnector,
    mut url: reqwest::Url,
    token: &str,
) -> Result<Socket, SocketError> {
    let unreachable = |error: &dyn std::fmt::Display| SocketError::Unreachable(error.to_string());
    let secure = matches!(url.scheme(), "https" | "wss");
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    url.set_scheme(if secure { "wss" } else { "ws" })
        .map_err(|()| SocketError::Unreachable(format!("{url} is no address of a socket")))?;
    let mut request = url.as_str().into_client_request().map_err(|e| unreachable(&e))?;
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|e| unreachable(&e))?;
    request.headers_mut().insert(AUTHORIZATION, bearer);

    let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(|e| unreachable(&e))?;
    tcp.set_nodelay(true).map_err(|e| unreachable(&e))?;
    let stream: Box<dyn Stream> = if secure {
        let name = ServerName::try_from(host).map_err(|e| unreachable(&e))?;
        Box::new(tls.connect(name, tcp).await.map_err(|e| unreachable(&e))?)
    } else {
        Box::new(tcp)
    };
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let entered = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
    let (socket, _) = entered.map_err(|error| match error {
        tungstenite::Error::Http(answer) => SocketError::Refused(answer.status().as_u16()),
        other => unreachable(&other),
    })?;
    let (mut sink, reader) = socket.split();
    let (sender, mut queue) = mpsc::channel(QUEUE_MAX);
    tokio::spawn(async move {
        while let Some(message) = queue.recv().await {
            let is_last = matches!(message, Message::Close(_));
            if sink.send(message).await.is_err() || is_last {
                break;
            }
        }
        // Without a goodbye when the queue was dropped: the machine lost its power.
    });
    Ok(Socket { reader, writer: Outgoing(sender) })
}

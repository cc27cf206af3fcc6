//! A burst each way over the page's own line, for the line check: what a site sends is counted and thrown away, what it gets is noise.
//! It says how wide the way to the server is, whatever the camera shows; whether UDP gets through is another question, asked of the media.

use std::{sync::OnceLock, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::ConferenceId;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::{
    auth::Visitor,
    problem::{Problem, Result},
};

/// One piece of a burst; the page makes its pieces as long as its line is wide.
const PIECE_BYTES_MAX: usize = 512 * 1024;
/// A line on which one piece takes longer has been measured.
const PIECE_WAIT_MAX: Duration = Duration::from_secs(20);
/// Pieces on their way at once, of all sites.
static PLACES: Semaphore = Semaphore::const_new(64);

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    bytes: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Taken {
    bytes: usize,
}

/// `POST /room/{conference}/burst`
pub(super) async fn up(
    visitor: Visitor,
    Path(conference): Path<String>,
    body: Body,
) -> Result<Json<Taken>> {
    entitled(&visitor, &conference)?;
    let _place = PLACES.try_acquire().map_err(|_| Problem::unavailable("busy", 5))?;
    let counted = async {
        let mut pieces = body.into_data_stream();
        let mut bytes = 0;
        while let Some(piece) = pieces.next().await {
            bytes += piece.map_err(|error| Problem::malformed(error.to_string()))?.len();
            if bytes > PIECE_BYTES_MAX {
                return Err(Problem::too_large(u64::try_from(PIECE_BYTES_MAX).unwrap_or(u64::MAX)));
            }
        }
        Ok(Json(Taken { bytes }))
    };
    let counted = tokio::time::timeout(PIECE_WAIT_MAX, counted).await;
    counted.unwrap_or_else(|_| Err(Problem::unavailable("busy", 5)))
}

/// `GET /room/{conference}/burst?bytes=…`
pub(super) async fn down(
    visitor: Visitor,
    Path(conference): Path<String>,
    Query(Wanted { bytes }): Query<Wanted>,
) -> Result<Response> {
    entitled(&visitor, &conference)?;
    let _place = PLACES.try_acquire().map_err(|_| Problem::unavailable("busy", 5))?;
    let noise = noise().slice(..bytes.min(PIECE_BYTES_MAX));
    // Not packed on the way: it would not become smaller, and what is measured is the line.
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_ENCODING, "identity"),
    ];
    Ok((headers, noise).into_response())
}

fn entitled(visitor: &Visitor, conference: &str) -> Result<()> {
    let conference: ConferenceId = conference.parse().map_err(|_| Problem::not_found())?;
    visitor.seat_in(conference, None).map(|_| ()).ok_or_else(Problem::unauthenticated)
}

/// The same for everybody; no secret, only nothing that could be packed.
fn noise() -> Bytes {
    static NOISE: OnceLock<Bytes> = OnceLock::new();
    let made = NOISE.get_or_init(|| {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let words = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        words.take(PIECE_BYTES_MAX / 8).flatten().collect()
    });
    made.clone()
}

//! Forms that carry files, part by part: texts are bounded in size and number, files are handed on as they come.

use axum::extract::{
    FromRequest as _, Multipart, Request,
    multipart::{Field, MultipartError},
};

use crate::problem::{Problem, Result};

/// One field of text; a report is a few pages at most.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// All of them.
const TEXTS_BYTES_MAX: usize = 256 * 1024;
const PARTS_MAX: usize = 100;

/// What came next.
pub(crate) enum Part<'a> {
    /// A text, which is kept.
    Text,
    /// A text that was too long and is not kept.
    TooLong,
    /// A file with a name, of the field of this name.
    File(String, Box<Field<'a>>),
    End,
}

/// A form on its way.
pub(crate) struct Parts {
    multipart: Multipart,
    parts: usize,
    bytes: usize,
    texts: Vec<(String, String)>,
}

impl Parts {
    pub(crate) async fn of(request: Request) -> Result<Self> {
        let multipart = Multipart::from_request(request, &())
            .await
            .map_err(|_| Problem::unsupported_media_type("multipart/form-data"))?;
        Ok(Self { multipart, parts: 0, bytes: 0, texts: Vec::new() })
    }

    /// The value of a text that has come, `""` when none has.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn into_texts(self) -> Vec<(String, String)> {
        self.texts
    }

    /// Reads on; a form with more parts or text than any of ours is refused as a whole.
    pub(crate) async fn read_on(
        &mut self,
    ) -> Result<std::result::Result<Part<'_>, MultipartError>> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(Problem::too_large(TEXTS_BYTES_MAX as u64));
        }
        let mut field = match self.multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(Ok(Part::End)),
            Err(error) => return Ok(Err(error)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name() {
            // A file field left empty is none.
            return Ok(Ok(if file_name.is_empty() {
                Part::Text
            } else {
                Part::File(name, Box::new(field))
            }));
        }
        let mut bytes = Vec::new();
        let mut is_long = false;
        loop {
            match field.chunk().await {
                Ok(Some(chunk)) => {
                    self.bytes += chunk.len();
                    if self.bytes > TEXTS_BYTES_MAX {
                        return Err(Problem::too_large(TEXTS_BYTES_MAX as u64));
                    }
                    is_long |= bytes.len() + chunk.len() > TEXT_BYTES_MAX;
                    if !is_long {
                        bytes.extend_from_slice(&chunk);
                    }
                }
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        if is_long {
            return Ok(Ok(Part::TooLong));
        }
        self.texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Ok(Part::Text))
    }
}

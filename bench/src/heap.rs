//! What the process's allocator holds: how much of it is in use, and what it gives back when asked to.
#![expect(unsafe_code, reason = "the C library's own figures, which no crate at hand wraps")]

use serde_json::{Value, json};

/// Bytes in use by the program, and free ones that the allocator keeps for what comes next.
pub(crate) fn figures() -> Value {
    // SAFETY: it takes nothing and returns plain numbers.
    let info = unsafe { libc::mallinfo2() };
    json!({ "in_use_bytes": info.uordblks + info.hblkhd, "kept_bytes": info.fordblks })
}

/// Free pages go back to the system.
pub(crate) fn trim() {
    // SAFETY: it touches only what is free.
    unsafe { libc::malloc_trim(0) };
}

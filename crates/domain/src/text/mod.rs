//! Text as people type it: NFC, no control or bidirectional characters; and the key by which it is searched.

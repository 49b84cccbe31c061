//! Drafts: patches and the merge of two of them.

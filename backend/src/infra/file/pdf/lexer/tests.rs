//! Objects as they are written, whole and broken.

use super::*;

fn read(text: &str) -> Option<Node> {
    Lexer { bytes: text.as_bytes(), at: 0, parts: &mut 100_000 }.object(DEPTH)
}

#[test]
fn every_entry_of_a_dictionary_is_there_also_with_the_same_key() {
    let node = read("<</S/URI/S /J#61vaScript %x\n/K[1 0 R 2 (a\\)(b))]/E>>").unwrap();
    assert_eq!(node.values(b"S").count(), 2);
    assert!(node.is_named(b"S", b"JavaScript") && node.is_named(b"S", b"URI"));
    let kids = vec![Node::Reference(1), Node::Integer(2), Node::Text(b"a)(b)".to_vec())];
    assert_eq!(node.values(b"K").next(), Some(&Node::Array(kids)));
}

#[test]
fn strings_are_decoded_and_what_never_ends_is_nothing() {
    assert_eq!(read("<48 65 6>"), Some(Node::Text(b"He`".to_vec())));
    assert_eq!(read("(a\\\nb\\101\\n)"), Some(Node::Text(b"abA\n".to_vec())));
    for text in ["(a", "<</A", "[1 2", "<</A 1", ">>", ""] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(read(&"[".repeat(10_000)), None);
}

#[test]
fn objects_are_found_outside_streams_only() {
    let bytes =
        b"%PDF-1.4\n1 0 obj<</A 1>>endobj 2 0 obj<</Length 9>>stream\n9 0 obj x\nendstream endobj\n3 0 obj 5 endobj trailer<</Root 1 0 R>>";
    let scan = scan(bytes, &mut 100);
    assert_eq!(scan.objects.iter().map(|o| (o.number, o.whole)).collect::<Vec<_>>(), [(1, true), (2, true), (3, true)]);
    assert_eq!(scan.trailers.len(), 1);
    assert_eq!(object_at(bytes, 8, &mut 100).unwrap().number, 1);
    assert!(object_at(bytes, 12, &mut 100).is_none());
}

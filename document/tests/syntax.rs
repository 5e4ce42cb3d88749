//! What people are told about YAML that is not taken, and how it is shown.

mod lab;

use lab::problems;

#[test]
fn what_yaml_allows_and_we_do_not() {
    let text = "\
name: &n a
image: *n
network: !net x
name: b
[a]: c
nodes: [{name: a, ip: 10.0.0.1, name: b}]
";
    insta::assert_snapshot!(problems(text), @"
    error: anchors are not supported
     --> labs/three.yaml:1:7
      |
    1 | name: &n a
      |       ^^^^ a text that begins with `&` needs quotes

    error: aliases are not supported
     --> labs/three.yaml:2:8
      |
    2 | image: *n
      |        ^^ write the value out here

    error: tags like `!net` are not supported
     --> labs/three.yaml:3:10
      |
    3 | network: !net x
      |          ^^^^^^ a text that begins with `!` needs quotes

    error: the key `name` is here twice
     --> labs/three.yaml:4:1
      |
    4 | name: b
      | ^^^^ it was first given on line 1

    error: a key must be a single word or text
     --> labs/three.yaml:5:1
      |
    5 | [a]: c
      | ^^^

    error: the key `name` is here twice
     --> labs/three.yaml:6:33
      |
    6 | nodes: [{name: a, ip: 10.0.0.1, name: b}]
      |                                 ^^^^ it was first given on line 6

    6 problems in labs/three.yaml
    ");
    insta::assert_snapshot!(problems("name: a\nimage: b\n---\nname: c\n"), @"
    error: a second document begins here
     --> labs/three.yaml:3:1
      |
    3 | ---
      | ^^^ a file holds one document

    1 problem in labs/three.yaml
    ");
}

#[test]
fn texts_that_are_no_yaml() {
    let texts = [
        "name: a\nimage: b: c\n",
        "name: a\nnodes: [{name: a}\nimage: b\n",
        "name: a\nimage: *b\n",
        "name: a\n\timage: b\n",
        "name: \"a\nimage: b\n",
        "name: @a\n",
        "name a\nimage: b\n",
    ];
    let all: Vec<String> = texts.into_iter().map(problems).collect();
    insta::assert_snapshot!(all.join("\n=====\n"), @r#"
    error: this is not YAML: mapping values are not allowed in this context
     --> labs/three.yaml:2:9
      |
    2 | image: b: c
      |         ^
      = is a line indented wrongly, or does a text with `: ` in it lack quotes?

    1 problem in labs/three.yaml
    =====
    error: this is not YAML: invalid indentation in flow construct
     --> labs/three.yaml:3:1
      |
    3 | image: b
      | ^ is a bracket before this not closed?

    1 problem in labs/three.yaml
    =====
    error: this is not YAML: while parsing node, found unknown anchor
     --> labs/three.yaml:2:8
      |
    2 | image: *b
      |        ^ a text that begins with `*` needs quotes

    1 problem in labs/three.yaml
    =====
    error: this is not YAML: while scanning a plain scalar, found a tab
     --> labs/three.yaml:2:1
      |
    2 | 	image: b
      | ^ YAML is indented with spaces, not tabs

    1 problem in labs/three.yaml
    =====
    error: this is not YAML: invalid indentation in quoted scalar
     --> labs/three.yaml:1:7
      |
    1 | name: "a
      |       ^ is the closing quote missing?

    1 problem in labs/three.yaml
    =====
    error: this is not YAML: unexpected character: `@'
     --> labs/three.yaml:1:7
      |
    1 | name: @a
      |       ^ a text that begins with this character needs quotes

    1 problem in labs/three.yaml
    =====
    error: this is not YAML: mapping values are not allowed in this context
     --> labs/three.yaml:2:6
      |
    2 | image: b
      |      ^
      = is a line indented wrongly, or does a text with `: ` in it lack quotes?

    1 problem in labs/three.yaml
    "#);
}

#[test]
fn text_is_shown_safely() {
    let text = "name: \"\\e[31mred\"\nimage: b\nlong-long-long: \u{1b}[2J\n";
    let shown = problems(text);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let far =
        format!("name: a\nimage: b\nnodes: [{}{{name: X, ip: 10.0.0.1}}]\n", "{name: a, ip: 10.0.0.1}, ".repeat(20));
    insta::assert_snapshot!(problems(&far), @"
    error: `X` is no name: use a-z and 0-9
     --> labs/three.yaml:3:516
      |
    3 | 0.0.1}, {name: a, ip: 10.0.0.1}, {name: X, ip: 10.0.0.1}]
      |                                         ^

    1 problem in labs/three.yaml
    ");
    insta::assert_snapshot!(problems("name: a\nimage: b\nsteps:\n- {run: é, ü: x}\n"), @"
    error: expected one key, found `run` and `ü`
     --> labs/three.yaml:4:12
      |
    4 | - {run: é, ü: x}
      |            ^ does `ü` belong deeper, below `run`?

    1 problem in labs/three.yaml
    ");
}

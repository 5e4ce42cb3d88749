//! What people are told about enums, such as the steps of a recipe.

mod lab;

use lab::problems;

#[test]
fn steps() {
    let text = "\
name: a
image: b
steps:
- install: [curl]
  run: true
- reboot
- reboot: now
- run
- run:
- [run]
- {}
- compile: x
- Run: x
- write:
    path: [a]
    content: c
    contents: d
";
    insta::assert_snapshot!(problems(text), @"
    error: expected one key, found `install` and `run`
     --> labs/three.yaml:5:3
      |
    5 |   run: true
      |   ^^^
      = write one of the two; in a list, `run` needs a `- ` of its own

    error: `reboot` takes no value, found `now`
     --> labs/three.yaml:7:11
      |
    7 | - reboot: now
      |           ^^^

    error: `run` needs a value
     --> labs/three.yaml:8:3
      |
    8 | - run
      |   ^^^ write `run: …`

    error: expected text, found nothing
     --> labs/three.yaml:9:6
      |
    9 | - run:
      |      ^

    error: expected one of `install`, `run`, `write`, `reboot`, found a list
      --> labs/three.yaml:10:3
       |
    10 | - [run]
       |   ^^^^^

    error: expected one of `install`, `run`, `write`, `reboot`, found an empty map
      --> labs/three.yaml:11:3
       |
    11 | - {}
       |   ^^

    error: unknown name `compile`
      --> labs/three.yaml:12:3
       |
    12 | - compile: x
       |   ^^^^^^^ known here: `install`, `run`, `write`, `reboot`

    error: unknown name `Run`
      --> labs/three.yaml:13:3
       |
    13 | - Run: x
       |   ^^^ did you mean `run`?

    error: expected text, found a list
      --> labs/three.yaml:15:11
       |
    15 |     path: [a]
       |           ^^^

    error: unknown field `contents`
      --> labs/three.yaml:17:5
       |
    17 |     contents: d
       |     ^^^^^^^^ did you mean `content`?

    10 problems in labs/three.yaml
    ");
}

#compdef clone

autoload -U is-at-least

_clone() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_clone_commands" \
"*::: :->clone" \
&& ret=0
    case $state in
    (clone)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-command-$line[1]:"
        case $line[1] in
            (validate)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(fetch)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'-b+[A folder to put all of it into, or, with --offline, to take it from]:FOLDER:_files -/' \
'--bundle=[A folder to put all of it into, or, with --offline, to take it from]:FOLDER:_files -/' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--offline[Take nothing from a network\: all comes from the bundle]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(plan)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(up)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-n[Only say what would be done]' \
'--dry-run[Only say what would be done]' \
'--replace[Make nodes anew that cannot become what the lab file says otherwise; their disks are lost]' \
'--remove[Remove nodes that the lab file does not have any more, with their disks]' \
'--no-start[Make disks and seeds, and start nothing]' \
'--no-wait[Start the machines, and do not wait until they answer]' \
'--overcommit[Start although this host has not that much memory]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-n[Only say what would be done]' \
'--dry-run[Only say what would be done]' \
'--replace[Make nodes anew that cannot become what the lab file says otherwise; their disks are lost]' \
'--remove[Remove nodes that the lab file does not have any more, with their disks]' \
'--no-start[Make disks and seeds, and start nothing]' \
'--no-wait[Start the machines, and do not wait until they answer]' \
'--overcommit[Start although this host has not that much memory]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(down)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--timeout=[How long the guests may take, such as 300 or 10m \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(stop)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--timeout=[How long the guests may take, such as 300 or 10m \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(reset)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--to=[What to go back to\: golden, or a checkpoint by its name or id]:CHECKPOINT:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-n[Only say what would be done]' \
'--dry-run[Only say what would be done]' \
'--no-wait[Do not wait until the nodes answer]' \
'--overcommit[Start nodes that do not run although this host has not that much memory]' \
'--expired[Go back although the certificates of the cluster have ended since]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::nodes -- The nodes \[default\: all\]:_default' \
&& ret=0
;;
(checkpoint)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_clone__subcmd__checkpoint_commands" \
"*::: :->checkpoint" \
&& ret=0

    case $state in
    (checkpoint)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-checkpoint-command-$line[1]:"
        case $line[1] in
            (save)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--replace[Replace the checkpoint that has this name]' \
'--stop[Stop the lab at the moment that is saved]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- What to call it:_default' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(ls)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':checkpoint -- The checkpoint, by its name or its id:_default' \
&& ret=0
;;
(rm)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-n[Only say what would be removed]' \
'--dry-run[Only say what would be removed]' \
'-y[Do not ask, do it]' \
'--yes[Do not ask, do it]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::checkpoints -- The checkpoints, by their names or ids:_default' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-n[Only say what would be removed]' \
'--dry-run[Only say what would be removed]' \
'-y[Do not ask, do it]' \
'--yes[Do not ask, do it]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::checkpoints -- The checkpoints, by their names or ids:_default' \
&& ret=0
;;
(restore)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- The checkpoint, by its name or id:_default' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::checkpoint -- The checkpoint, by its name or its id \[default\: all\]:_default' \
&& ret=0
;;
(flatten)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--to=[The file to write, such as ready.kiln.tar.zst]:FILE:_files' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':checkpoint -- The checkpoint, by its name or its id:_default' \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
'--as=[The name of the lab \[default\: the one that it had\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- The file:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__checkpoint__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-checkpoint-help-command-$line[1]:"
        case $line[1] in
            (save)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rm)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(restore)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(flatten)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(fork)
_arguments "${_arguments_options[@]}" : \
'--from=[What it is made from\: the checkpoint by its name or id, and its lab]:LAB@CHECKPOINT:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--no-wait[Do not wait until the lab is ready]' \
'--overcommit[Start nodes although this host has not that much memory]' \
'--expired[Go on although the certificates of the cluster have ended]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- The name of the new lab:_default' \
&& ret=0
;;
(suspend)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(resume)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(--expired)--boot[Boot from the disks, and give up the memory of the nodes]' \
'--no-wait[Do not wait until the lab is ready]' \
'--overcommit[Start nodes although this host has not that much memory]' \
'--expired[Go on although the certificates of its cluster have ended]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(node)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_clone__subcmd__node_commands" \
"*::: :->node" \
&& ret=0

    case $state in
    (node)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-node-command-$line[1]:"
        case $line[1] in
            (add)
_arguments "${_arguments_options[@]}" : \
'--ip=[Its address in the lab'\''s network \[default\: the one after the highest of the lab\]]:IP:_default' \
'--image=[Its golden image\: a name in the store, or a digest \[default\: the lab'\''s\]]:IMAGE:_default' \
'--cpus=[Virtual CPUs \[default\: as the lab file says\]]:CPUS:_default' \
'--memory=[Memory, such as 2GiB \[default\: as the lab file says\]]:MEMORY:_default' \
'--disk=[The size of its disk, such as 20GiB \[default\: as the lab file says\]]:DISK:_default' \
'--role=[What it does in the cluster\: control-plane or worker \[default\: worker\]]:ROLE:_default' \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-n[Only say what would be done]' \
'--dry-run[Only say what would be done]' \
'--no-start[Make its disk and seed, and start nothing]' \
'--no-wait[Start it, and do not wait until it answers]' \
'--overcommit[Start it although this host has not that much memory]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- Its name:_default' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-y[Do not ask, do it]' \
'--yes[Do not ask, do it]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(rm)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-y[Do not ask, do it]' \
'--yes[Do not ask, do it]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(rebuild)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long each phase of a node may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--overcommit[Start it although this host has not that much memory]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(stop)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long the guest may take, such as 300 or 10m \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(--timeout)-f[End it at once, without asking the guest\: what it has not written to its disk is lost]' \
'(--timeout)--force[End it at once, without asking the guest\: what it has not written to its disk is lost]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long each phase of it may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--no-wait[Do not wait until it answers]' \
'--overcommit[Start it although this host has not that much memory]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(restart)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--timeout=[How long each phase of it may take, such as 300, 10m or 1h \[default\: by the speed of this host\]]:TIME:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-f[End it at once, without asking the guest\: what it has not written to its disk is lost]' \
'--force[End it at once, without asking the guest\: what it has not written to its disk is lost]' \
'--no-wait[Do not wait until it answers]' \
'--overcommit[Start it although this host has not that much memory]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__node__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-node-help-command-$line[1]:"
        case $line[1] in
            (add)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rebuild)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(stop)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(restart)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(destroy)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-y[Do not ask, do it]' \
'--yes[Do not ask, do it]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-y[Do not ask, do it]' \
'--yes[Do not ask, do it]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(ls)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(labs)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- The lab to print:_default' \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-w[Show it again and again, until Ctrl-C]' \
'--watch[Show it again and again, until Ctrl-C]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(timings)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(ssh)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
'*::command -- What to run instead of a login shell:_default' \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'-a[In every node of the lab, all at once; each line says whose it is. All of them have to run]' \
'--all[In every node of the lab, all at once; each line says whose it is. All of them have to run]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':first -- The node; with --all, the command begins here:_default' \
'*::command -- The command and its arguments:_default' \
&& ret=0
;;
(cp)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':from -- What to copy:_default' \
':to -- Where to:_default' \
&& ret=0
;;
(console)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--dump[Print everything it has said so far, and end]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(logs)
_arguments "${_arguments_options[@]}" : \
'-p+[One phase only, such as \`reachable\`]:PHASE:_default' \
'--phase=[One phase only, such as \`reachable\`]:PHASE:_default' \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::node -- The node \[default\: all\]:_default' \
&& ret=0
;;
(view)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--print[Only print the path of the socket]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(screenshot)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'-f+[The file \[default\: NODE.png\]]:FILE:_files' \
'--file=[The file \[default\: NODE.png\]]:FILE:_files' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- The node:_default' \
&& ret=0
;;
(ssh-config)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(kubeconfig)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'--merge[Add it to the kubeconfig that kubectl uses]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(kubectl)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- What kubectl is to do:_default' \
&& ret=0
;;
(mesh)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_clone__subcmd__mesh_commands" \
"*::: :->mesh" \
&& ret=0

    case $state in
    (mesh)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-mesh-command-$line[1]:"
        case $line[1] in
            (status)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(reapply)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__mesh__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-mesh-help-command-$line[1]:"
        case $line[1] in
            (status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reapply)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(open)
_arguments "${_arguments_options[@]}" : \
'-l+[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--lab=[The lab \[default\: that of ./lab.yaml, or else the only one there is\]]:LAB:_default' \
'--port=[The port of 127.0.0.1 \[default\: one that is free\]]:PORT:_default' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- What to open:_default' \
&& ret=0
;;
(collect)
_arguments "${_arguments_options[@]}" : \
'-l+[The same]:LAB:_default' \
'--lab=[The same]:LAB:_default' \
'-f+[The archive \[default\: LAB.tar.gz\]]:FILE:_files' \
'--file=[The archive \[default\: LAB.tar.gz\]]:FILE:_files' \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::word -- A lab file, or the name of a lab \[default\: that of ./lab.yaml, or else the only one there is\]:_files' \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(init)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::file -- Where to write it:_files' \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- The shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(manual)
_arguments "${_arguments_options[@]}" : \
'--home=[Where Kiln keeps images and labs \[default\: kiln/ in the XDG data directory\]]:FOLDER:_files -/' \
'-o+[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--output=[How results are printed]:FORMAT:((text\:"For people"
json\:"For programs\: JSON results and one JSON event a line"
svg\:"A picture, of the commands that can draw one"))' \
'--color=[When to use colours]:WHEN:((auto\:"On a terminal, unless NO_COLOR is set"
always\:"Everywhere"
never\:"Nowhere"))' \
'--log=[What to log, in the syntax of tracing'\''s EnvFilter (kiln_images=debug,warn); wins over -v]:FILTER:_default' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':folder -- The folder:_files -/' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-help-command-$line[1]:"
        case $line[1] in
            (validate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(fetch)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(plan)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(up)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(down)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reset)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(checkpoint)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__help__subcmd__checkpoint_commands" \
"*::: :->checkpoint" \
&& ret=0

    case $state in
    (checkpoint)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-help-checkpoint-command-$line[1]:"
        case $line[1] in
            (save)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rm)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(restore)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(flatten)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(fork)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(suspend)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(resume)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(node)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__help__subcmd__node_commands" \
"*::: :->node" \
&& ret=0

    case $state in
    (node)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-help-node-command-$line[1]:"
        case $line[1] in
            (add)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rebuild)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(stop)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(restart)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(destroy)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(labs)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(timings)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(ssh)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(cp)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(console)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(logs)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(view)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(screenshot)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(ssh-config)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(kubeconfig)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(kubectl)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(mesh)
_arguments "${_arguments_options[@]}" : \
":: :_clone__subcmd__help__subcmd__mesh_commands" \
"*::: :->mesh" \
&& ret=0

    case $state in
    (mesh)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:clone-help-mesh-command-$line[1]:"
        case $line[1] in
            (status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reapply)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(open)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(collect)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(init)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(manual)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_clone_commands] )) ||
_clone_commands() {
    local commands; commands=(
'validate:Check a lab file and say everything that is wrong with it' \
'fetch:Fetch what a lab takes from elsewhere, so that \`up\` needs no network' \
'plan:Say what \`up\` would do to each node, and why' \
'up:Bring a lab up, or go on with it, or say that it is up' \
'start:Bring a lab up, or go on with it, or say that it is up' \
'down:Shut the nodes of a lab down; disks and identities stay' \
'stop:Shut the nodes of a lab down; disks and identities stay' \
'reset:Go back to a checkpoint, or make nodes anew from their golden image' \
'checkpoint:Save a lab with its memory, and look after what was saved' \
'fork:Make another lab from a checkpoint, beside the one that it is of' \
'suspend:Save a running lab with its memory, and end its machines' \
'resume:Go on with a lab that was suspended' \
'node:Add, remove, rebuild, stop or start one node of a lab' \
'destroy:Remove a lab with all its machines and disks' \
'delete:Remove a lab with all its machines and disks' \
'list:List the labs that exist' \
'ls:List the labs that exist' \
'labs:List the labs that are built in, or print the file of one' \
'status:Show what the nodes of a lab do' \
'timings:Show how long each phase of each node took when the lab came up last' \
'ssh:Log in to a node' \
'exec:Run a command in a node, or in all of them' \
'cp:Copy files to or from a node' \
'console:Sit at the serial console of a node, or print what it has said' \
'logs:Print what the phases of bringing a lab up have said' \
'view:Show the screen of a node in a window, with its keyboard and mouse' \
'screenshot:Save what a node'\''s screen shows as a PNG' \
'ssh-config:Print the OpenSSH configuration of a lab, for other programs' \
'kubeconfig:Print where the kubeconfig of a lab is, or add it to your own' \
'kubectl:Run kubectl on this host against the cluster of a lab' \
'mesh:Look at what a lab has installed on its cluster, do it again, or take it away' \
'open:Lead a port of 127.0.0.1 to a page of the mesh, until Ctrl-C' \
'collect:Pack everything that helps to understand a fault into one archive' \
'doctor:Check that this machine has what labs need, and say how to get it' \
'init:Write a lab file to start from' \
'schema:Print the JSON schema of lab files, for editors' \
'completion:Print a completion script for a shell' \
'manual:Write the manual pages into a folder' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint_commands] )) ||
_clone__subcmd__checkpoint_commands() {
    local commands; commands=(
'save:Save a running lab, which goes on or is stopped' \
'list:List the checkpoints of a lab' \
'ls:List the checkpoints of a lab' \
'show:Show all that is known of a checkpoint' \
'rm:Remove checkpoints' \
'remove:Remove checkpoints' \
'restore:Go back to a checkpoint\: the same as clone reset --to NAME' \
'verify:Read every byte of checkpoints again' \
'flatten:Copy what no checkpoint needs any more into the disks that stand on it' \
'export:Write a checkpoint to one file, for another host' \
'import:Make a lab from a checkpoint that was exported' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone checkpoint commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__export_commands] )) ||
_clone__subcmd__checkpoint__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint export commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__flatten_commands] )) ||
_clone__subcmd__checkpoint__subcmd__flatten_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint flatten commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help_commands() {
    local commands; commands=(
'save:Save a running lab, which goes on or is stopped' \
'list:List the checkpoints of a lab' \
'show:Show all that is known of a checkpoint' \
'rm:Remove checkpoints' \
'restore:Go back to a checkpoint\: the same as clone reset --to NAME' \
'verify:Read every byte of checkpoints again' \
'flatten:Copy what no checkpoint needs any more into the disks that stand on it' \
'export:Write a checkpoint to one file, for another host' \
'import:Make a lab from a checkpoint that was exported' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone checkpoint help commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__export_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help export commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__flatten_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__flatten_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help flatten commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__help_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help help commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__import_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help import commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__list_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help list commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__restore_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help restore commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__rm_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__rm_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help rm commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__save_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__save_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help save commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__show_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help show commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__help__subcmd__verify_commands] )) ||
_clone__subcmd__checkpoint__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint help verify commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__import_commands] )) ||
_clone__subcmd__checkpoint__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint import commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__list_commands] )) ||
_clone__subcmd__checkpoint__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint list commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__restore_commands] )) ||
_clone__subcmd__checkpoint__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint restore commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__rm_commands] )) ||
_clone__subcmd__checkpoint__subcmd__rm_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint rm commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__save_commands] )) ||
_clone__subcmd__checkpoint__subcmd__save_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint save commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__show_commands] )) ||
_clone__subcmd__checkpoint__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint show commands' commands "$@"
}
(( $+functions[_clone__subcmd__checkpoint__subcmd__verify_commands] )) ||
_clone__subcmd__checkpoint__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'clone checkpoint verify commands' commands "$@"
}
(( $+functions[_clone__subcmd__collect_commands] )) ||
_clone__subcmd__collect_commands() {
    local commands; commands=()
    _describe -t commands 'clone collect commands' commands "$@"
}
(( $+functions[_clone__subcmd__completion_commands] )) ||
_clone__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'clone completion commands' commands "$@"
}
(( $+functions[_clone__subcmd__console_commands] )) ||
_clone__subcmd__console_commands() {
    local commands; commands=()
    _describe -t commands 'clone console commands' commands "$@"
}
(( $+functions[_clone__subcmd__cp_commands] )) ||
_clone__subcmd__cp_commands() {
    local commands; commands=()
    _describe -t commands 'clone cp commands' commands "$@"
}
(( $+functions[_clone__subcmd__destroy_commands] )) ||
_clone__subcmd__destroy_commands() {
    local commands; commands=()
    _describe -t commands 'clone destroy commands' commands "$@"
}
(( $+functions[_clone__subcmd__doctor_commands] )) ||
_clone__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'clone doctor commands' commands "$@"
}
(( $+functions[_clone__subcmd__down_commands] )) ||
_clone__subcmd__down_commands() {
    local commands; commands=()
    _describe -t commands 'clone down commands' commands "$@"
}
(( $+functions[_clone__subcmd__exec_commands] )) ||
_clone__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'clone exec commands' commands "$@"
}
(( $+functions[_clone__subcmd__fetch_commands] )) ||
_clone__subcmd__fetch_commands() {
    local commands; commands=()
    _describe -t commands 'clone fetch commands' commands "$@"
}
(( $+functions[_clone__subcmd__fork_commands] )) ||
_clone__subcmd__fork_commands() {
    local commands; commands=()
    _describe -t commands 'clone fork commands' commands "$@"
}
(( $+functions[_clone__subcmd__help_commands] )) ||
_clone__subcmd__help_commands() {
    local commands; commands=(
'validate:Check a lab file and say everything that is wrong with it' \
'fetch:Fetch what a lab takes from elsewhere, so that \`up\` needs no network' \
'plan:Say what \`up\` would do to each node, and why' \
'up:Bring a lab up, or go on with it, or say that it is up' \
'down:Shut the nodes of a lab down; disks and identities stay' \
'reset:Go back to a checkpoint, or make nodes anew from their golden image' \
'checkpoint:Save a lab with its memory, and look after what was saved' \
'fork:Make another lab from a checkpoint, beside the one that it is of' \
'suspend:Save a running lab with its memory, and end its machines' \
'resume:Go on with a lab that was suspended' \
'node:Add, remove, rebuild, stop or start one node of a lab' \
'destroy:Remove a lab with all its machines and disks' \
'list:List the labs that exist' \
'labs:List the labs that are built in, or print the file of one' \
'status:Show what the nodes of a lab do' \
'timings:Show how long each phase of each node took when the lab came up last' \
'ssh:Log in to a node' \
'exec:Run a command in a node, or in all of them' \
'cp:Copy files to or from a node' \
'console:Sit at the serial console of a node, or print what it has said' \
'logs:Print what the phases of bringing a lab up have said' \
'view:Show the screen of a node in a window, with its keyboard and mouse' \
'screenshot:Save what a node'\''s screen shows as a PNG' \
'ssh-config:Print the OpenSSH configuration of a lab, for other programs' \
'kubeconfig:Print where the kubeconfig of a lab is, or add it to your own' \
'kubectl:Run kubectl on this host against the cluster of a lab' \
'mesh:Look at what a lab has installed on its cluster, do it again, or take it away' \
'open:Lead a port of 127.0.0.1 to a page of the mesh, until Ctrl-C' \
'collect:Pack everything that helps to understand a fault into one archive' \
'doctor:Check that this machine has what labs need, and say how to get it' \
'init:Write a lab file to start from' \
'schema:Print the JSON schema of lab files, for editors' \
'completion:Print a completion script for a shell' \
'manual:Write the manual pages into a folder' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone help commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint_commands() {
    local commands; commands=(
'save:Save a running lab, which goes on or is stopped' \
'list:List the checkpoints of a lab' \
'show:Show all that is known of a checkpoint' \
'rm:Remove checkpoints' \
'restore:Go back to a checkpoint\: the same as clone reset --to NAME' \
'verify:Read every byte of checkpoints again' \
'flatten:Copy what no checkpoint needs any more into the disks that stand on it' \
'export:Write a checkpoint to one file, for another host' \
'import:Make a lab from a checkpoint that was exported' \
    )
    _describe -t commands 'clone help checkpoint commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__export_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint export commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__flatten_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__flatten_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint flatten commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__import_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint import commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__list_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint list commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__restore_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint restore commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__rm_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__rm_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint rm commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__save_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__save_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint save commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__show_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint show commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__checkpoint__subcmd__verify_commands] )) ||
_clone__subcmd__help__subcmd__checkpoint__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'clone help checkpoint verify commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__collect_commands] )) ||
_clone__subcmd__help__subcmd__collect_commands() {
    local commands; commands=()
    _describe -t commands 'clone help collect commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__completion_commands] )) ||
_clone__subcmd__help__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'clone help completion commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__console_commands] )) ||
_clone__subcmd__help__subcmd__console_commands() {
    local commands; commands=()
    _describe -t commands 'clone help console commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__cp_commands] )) ||
_clone__subcmd__help__subcmd__cp_commands() {
    local commands; commands=()
    _describe -t commands 'clone help cp commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__destroy_commands] )) ||
_clone__subcmd__help__subcmd__destroy_commands() {
    local commands; commands=()
    _describe -t commands 'clone help destroy commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__doctor_commands] )) ||
_clone__subcmd__help__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'clone help doctor commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__down_commands] )) ||
_clone__subcmd__help__subcmd__down_commands() {
    local commands; commands=()
    _describe -t commands 'clone help down commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__exec_commands] )) ||
_clone__subcmd__help__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'clone help exec commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__fetch_commands] )) ||
_clone__subcmd__help__subcmd__fetch_commands() {
    local commands; commands=()
    _describe -t commands 'clone help fetch commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__fork_commands] )) ||
_clone__subcmd__help__subcmd__fork_commands() {
    local commands; commands=()
    _describe -t commands 'clone help fork commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__help_commands] )) ||
_clone__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'clone help help commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__init_commands] )) ||
_clone__subcmd__help__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'clone help init commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__kubeconfig_commands] )) ||
_clone__subcmd__help__subcmd__kubeconfig_commands() {
    local commands; commands=()
    _describe -t commands 'clone help kubeconfig commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__kubectl_commands] )) ||
_clone__subcmd__help__subcmd__kubectl_commands() {
    local commands; commands=()
    _describe -t commands 'clone help kubectl commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__labs_commands] )) ||
_clone__subcmd__help__subcmd__labs_commands() {
    local commands; commands=()
    _describe -t commands 'clone help labs commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__list_commands] )) ||
_clone__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'clone help list commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__logs_commands] )) ||
_clone__subcmd__help__subcmd__logs_commands() {
    local commands; commands=()
    _describe -t commands 'clone help logs commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__manual_commands] )) ||
_clone__subcmd__help__subcmd__manual_commands() {
    local commands; commands=()
    _describe -t commands 'clone help manual commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__mesh_commands] )) ||
_clone__subcmd__help__subcmd__mesh_commands() {
    local commands; commands=(
'status:Say which groups are done, and show the pods and services' \
'reapply:Apply all groups again, and wait for them' \
'remove:Remove what the groups have made, the last first; \`clone up\` makes it again' \
    )
    _describe -t commands 'clone help mesh commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__mesh__subcmd__reapply_commands] )) ||
_clone__subcmd__help__subcmd__mesh__subcmd__reapply_commands() {
    local commands; commands=()
    _describe -t commands 'clone help mesh reapply commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__mesh__subcmd__remove_commands] )) ||
_clone__subcmd__help__subcmd__mesh__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'clone help mesh remove commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__mesh__subcmd__status_commands] )) ||
_clone__subcmd__help__subcmd__mesh__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'clone help mesh status commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node_commands] )) ||
_clone__subcmd__help__subcmd__node_commands() {
    local commands; commands=(
'add:Add a node to a lab, and to its cluster' \
'remove:Take a node out of its cluster, and remove it with its disk' \
'rebuild:Make a node anew from its golden image, and have it join its cluster again' \
'stop:Shut one node down; its disk and identity stay' \
'start:Boot one node that is down, and wait until it is up' \
'restart:Shut one node down, boot it again, and wait until it is up' \
    )
    _describe -t commands 'clone help node commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node__subcmd__add_commands] )) ||
_clone__subcmd__help__subcmd__node__subcmd__add_commands() {
    local commands; commands=()
    _describe -t commands 'clone help node add commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node__subcmd__rebuild_commands] )) ||
_clone__subcmd__help__subcmd__node__subcmd__rebuild_commands() {
    local commands; commands=()
    _describe -t commands 'clone help node rebuild commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node__subcmd__remove_commands] )) ||
_clone__subcmd__help__subcmd__node__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'clone help node remove commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node__subcmd__restart_commands] )) ||
_clone__subcmd__help__subcmd__node__subcmd__restart_commands() {
    local commands; commands=()
    _describe -t commands 'clone help node restart commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node__subcmd__start_commands] )) ||
_clone__subcmd__help__subcmd__node__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'clone help node start commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__node__subcmd__stop_commands] )) ||
_clone__subcmd__help__subcmd__node__subcmd__stop_commands() {
    local commands; commands=()
    _describe -t commands 'clone help node stop commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__open_commands] )) ||
_clone__subcmd__help__subcmd__open_commands() {
    local commands; commands=()
    _describe -t commands 'clone help open commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__plan_commands] )) ||
_clone__subcmd__help__subcmd__plan_commands() {
    local commands; commands=()
    _describe -t commands 'clone help plan commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__reset_commands] )) ||
_clone__subcmd__help__subcmd__reset_commands() {
    local commands; commands=()
    _describe -t commands 'clone help reset commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__resume_commands] )) ||
_clone__subcmd__help__subcmd__resume_commands() {
    local commands; commands=()
    _describe -t commands 'clone help resume commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__schema_commands] )) ||
_clone__subcmd__help__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'clone help schema commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__screenshot_commands] )) ||
_clone__subcmd__help__subcmd__screenshot_commands() {
    local commands; commands=()
    _describe -t commands 'clone help screenshot commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__ssh_commands] )) ||
_clone__subcmd__help__subcmd__ssh_commands() {
    local commands; commands=()
    _describe -t commands 'clone help ssh commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__ssh-config_commands] )) ||
_clone__subcmd__help__subcmd__ssh-config_commands() {
    local commands; commands=()
    _describe -t commands 'clone help ssh-config commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__status_commands] )) ||
_clone__subcmd__help__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'clone help status commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__suspend_commands] )) ||
_clone__subcmd__help__subcmd__suspend_commands() {
    local commands; commands=()
    _describe -t commands 'clone help suspend commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__timings_commands] )) ||
_clone__subcmd__help__subcmd__timings_commands() {
    local commands; commands=()
    _describe -t commands 'clone help timings commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__up_commands] )) ||
_clone__subcmd__help__subcmd__up_commands() {
    local commands; commands=()
    _describe -t commands 'clone help up commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__validate_commands] )) ||
_clone__subcmd__help__subcmd__validate_commands() {
    local commands; commands=()
    _describe -t commands 'clone help validate commands' commands "$@"
}
(( $+functions[_clone__subcmd__help__subcmd__view_commands] )) ||
_clone__subcmd__help__subcmd__view_commands() {
    local commands; commands=()
    _describe -t commands 'clone help view commands' commands "$@"
}
(( $+functions[_clone__subcmd__init_commands] )) ||
_clone__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'clone init commands' commands "$@"
}
(( $+functions[_clone__subcmd__kubeconfig_commands] )) ||
_clone__subcmd__kubeconfig_commands() {
    local commands; commands=()
    _describe -t commands 'clone kubeconfig commands' commands "$@"
}
(( $+functions[_clone__subcmd__kubectl_commands] )) ||
_clone__subcmd__kubectl_commands() {
    local commands; commands=()
    _describe -t commands 'clone kubectl commands' commands "$@"
}
(( $+functions[_clone__subcmd__labs_commands] )) ||
_clone__subcmd__labs_commands() {
    local commands; commands=()
    _describe -t commands 'clone labs commands' commands "$@"
}
(( $+functions[_clone__subcmd__list_commands] )) ||
_clone__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'clone list commands' commands "$@"
}
(( $+functions[_clone__subcmd__logs_commands] )) ||
_clone__subcmd__logs_commands() {
    local commands; commands=()
    _describe -t commands 'clone logs commands' commands "$@"
}
(( $+functions[_clone__subcmd__manual_commands] )) ||
_clone__subcmd__manual_commands() {
    local commands; commands=()
    _describe -t commands 'clone manual commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh_commands] )) ||
_clone__subcmd__mesh_commands() {
    local commands; commands=(
'status:Say which groups are done, and show the pods and services' \
'reapply:Apply all groups again, and wait for them' \
'remove:Remove what the groups have made, the last first; \`clone up\` makes it again' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone mesh commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__help_commands] )) ||
_clone__subcmd__mesh__subcmd__help_commands() {
    local commands; commands=(
'status:Say which groups are done, and show the pods and services' \
'reapply:Apply all groups again, and wait for them' \
'remove:Remove what the groups have made, the last first; \`clone up\` makes it again' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone mesh help commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__help__subcmd__help_commands] )) ||
_clone__subcmd__mesh__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh help help commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__help__subcmd__reapply_commands] )) ||
_clone__subcmd__mesh__subcmd__help__subcmd__reapply_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh help reapply commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__help__subcmd__remove_commands] )) ||
_clone__subcmd__mesh__subcmd__help__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh help remove commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__help__subcmd__status_commands] )) ||
_clone__subcmd__mesh__subcmd__help__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh help status commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__reapply_commands] )) ||
_clone__subcmd__mesh__subcmd__reapply_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh reapply commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__remove_commands] )) ||
_clone__subcmd__mesh__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh remove commands' commands "$@"
}
(( $+functions[_clone__subcmd__mesh__subcmd__status_commands] )) ||
_clone__subcmd__mesh__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'clone mesh status commands' commands "$@"
}
(( $+functions[_clone__subcmd__node_commands] )) ||
_clone__subcmd__node_commands() {
    local commands; commands=(
'add:Add a node to a lab, and to its cluster' \
'remove:Take a node out of its cluster, and remove it with its disk' \
'rm:Take a node out of its cluster, and remove it with its disk' \
'rebuild:Make a node anew from its golden image, and have it join its cluster again' \
'stop:Shut one node down; its disk and identity stay' \
'start:Boot one node that is down, and wait until it is up' \
'restart:Shut one node down, boot it again, and wait until it is up' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone node commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__add_commands] )) ||
_clone__subcmd__node__subcmd__add_commands() {
    local commands; commands=()
    _describe -t commands 'clone node add commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help_commands] )) ||
_clone__subcmd__node__subcmd__help_commands() {
    local commands; commands=(
'add:Add a node to a lab, and to its cluster' \
'remove:Take a node out of its cluster, and remove it with its disk' \
'rebuild:Make a node anew from its golden image, and have it join its cluster again' \
'stop:Shut one node down; its disk and identity stay' \
'start:Boot one node that is down, and wait until it is up' \
'restart:Shut one node down, boot it again, and wait until it is up' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'clone node help commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__add_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__add_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help add commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__help_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help help commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__rebuild_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__rebuild_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help rebuild commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__remove_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help remove commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__restart_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__restart_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help restart commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__start_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help start commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__help__subcmd__stop_commands] )) ||
_clone__subcmd__node__subcmd__help__subcmd__stop_commands() {
    local commands; commands=()
    _describe -t commands 'clone node help stop commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__rebuild_commands] )) ||
_clone__subcmd__node__subcmd__rebuild_commands() {
    local commands; commands=()
    _describe -t commands 'clone node rebuild commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__remove_commands] )) ||
_clone__subcmd__node__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'clone node remove commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__restart_commands] )) ||
_clone__subcmd__node__subcmd__restart_commands() {
    local commands; commands=()
    _describe -t commands 'clone node restart commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__start_commands] )) ||
_clone__subcmd__node__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'clone node start commands' commands "$@"
}
(( $+functions[_clone__subcmd__node__subcmd__stop_commands] )) ||
_clone__subcmd__node__subcmd__stop_commands() {
    local commands; commands=()
    _describe -t commands 'clone node stop commands' commands "$@"
}
(( $+functions[_clone__subcmd__open_commands] )) ||
_clone__subcmd__open_commands() {
    local commands; commands=()
    _describe -t commands 'clone open commands' commands "$@"
}
(( $+functions[_clone__subcmd__plan_commands] )) ||
_clone__subcmd__plan_commands() {
    local commands; commands=()
    _describe -t commands 'clone plan commands' commands "$@"
}
(( $+functions[_clone__subcmd__reset_commands] )) ||
_clone__subcmd__reset_commands() {
    local commands; commands=()
    _describe -t commands 'clone reset commands' commands "$@"
}
(( $+functions[_clone__subcmd__resume_commands] )) ||
_clone__subcmd__resume_commands() {
    local commands; commands=()
    _describe -t commands 'clone resume commands' commands "$@"
}
(( $+functions[_clone__subcmd__schema_commands] )) ||
_clone__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'clone schema commands' commands "$@"
}
(( $+functions[_clone__subcmd__screenshot_commands] )) ||
_clone__subcmd__screenshot_commands() {
    local commands; commands=()
    _describe -t commands 'clone screenshot commands' commands "$@"
}
(( $+functions[_clone__subcmd__ssh_commands] )) ||
_clone__subcmd__ssh_commands() {
    local commands; commands=()
    _describe -t commands 'clone ssh commands' commands "$@"
}
(( $+functions[_clone__subcmd__ssh-config_commands] )) ||
_clone__subcmd__ssh-config_commands() {
    local commands; commands=()
    _describe -t commands 'clone ssh-config commands' commands "$@"
}
(( $+functions[_clone__subcmd__status_commands] )) ||
_clone__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'clone status commands' commands "$@"
}
(( $+functions[_clone__subcmd__suspend_commands] )) ||
_clone__subcmd__suspend_commands() {
    local commands; commands=()
    _describe -t commands 'clone suspend commands' commands "$@"
}
(( $+functions[_clone__subcmd__timings_commands] )) ||
_clone__subcmd__timings_commands() {
    local commands; commands=()
    _describe -t commands 'clone timings commands' commands "$@"
}
(( $+functions[_clone__subcmd__up_commands] )) ||
_clone__subcmd__up_commands() {
    local commands; commands=()
    _describe -t commands 'clone up commands' commands "$@"
}
(( $+functions[_clone__subcmd__validate_commands] )) ||
_clone__subcmd__validate_commands() {
    local commands; commands=()
    _describe -t commands 'clone validate commands' commands "$@"
}
(( $+functions[_clone__subcmd__view_commands] )) ||
_clone__subcmd__view_commands() {
    local commands; commands=()
    _describe -t commands 'clone view commands' commands "$@"
}

if [ "$funcstack[1]" = "_clone" ]; then
    _clone "$@"
else
    compdef _clone clone
fi

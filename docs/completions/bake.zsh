#compdef bake

autoload -U is-at-least

_bake() {
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
":: :_bake_commands" \
"*::: :->bake" \
&& ret=0
    case $state in
    (bake)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:bake-command-$line[1]:"
        case $line[1] in
            (build)
_arguments "${_arguments_options[@]}" : \
'-b+[The folder that \`bake fetch --bundle\` has filled]:FOLDER:_files -/' \
'--bundle=[The folder that \`bake fetch --bundle\` has filled]:FOLDER:_files -/' \
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
'(-n --dry-run)--explain[Say what would be made and why, and make nothing. What the recipe downloads is fetched and pinned first, because layers are known by it]' \
'-n[Print the commands that would be run, and run none. What the recipe downloads is fetched and pinned in kiln.lock first, because they depend on it]' \
'--dry-run[Print the commands that would be run, and run none. What the recipe downloads is fetched and pinned in kiln.lock first, because they depend on it]' \
'--offline[Take nothing from a network\: all comes from the bundle. A step of the recipe whose image has no ip(8) is not hindered from taking a way of its own]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::recipe -- A recipe file, or the name of one that is built in \[default\: ./recipe.yaml\]:_files' \
&& ret=0
;;
(fetch)
_arguments "${_arguments_options[@]}" : \
'-b+[The folder to put everything into]:FOLDER:_files -/' \
'--bundle=[The folder to put everything into]:FOLDER:_files -/' \
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
'::recipe -- A recipe file, or the name of one that is built in \[default\: ./recipe.yaml\]:_files' \
&& ret=0
;;
(validate)
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
'::recipe -- A recipe file, or the name of one that is built in \[default\: ./recipe.yaml\]:_files' \
&& ret=0
;;
(images)
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
(show)
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
'--brief[Only say how many packages there are]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':image -- An image, by name or by the first digits of its digest:_default' \
&& ret=0
;;
(verify)
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
'*::images -- Images, by name or by the first digits of a digest; all of them if none is named:_default' \
&& ret=0
;;
(rm)
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
'*::images -- Images, by name or by the first digits of a digest:_default' \
&& ret=0
;;
(remove)
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
'*::images -- Images, by name or by the first digits of a digest:_default' \
&& ret=0
;;
(prune)
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
'-n[Say what would be removed, and remove nothing]' \
'--dry-run[Say what would be removed, and remove nothing]' \
'--downloads[Remove all downloads, too\: what a bake needs again is fetched again]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
'-f+[qcow2, qcow2-compressed, raw, vmdk (for import into vSphere) or vmdk-sparse (for Workstation and Fusion) \[default\: by the ending .raw, .img or .vmdk, and else qcow2-compressed\]]:FORMAT:_default' \
'--format=[qcow2, qcow2-compressed, raw, vmdk (for import into vSphere) or vmdk-sparse (for Workstation and Fusion) \[default\: by the ending .raw, .img or .vmdk, and else qcow2-compressed\]]:FORMAT:_default' \
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
'--force[Replace the file if it is there]' \
'(-q --quiet)*-v[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'(-q --quiet)*--verbose[Log more\: -v what is done and the commands that are run, -vv details, -vvv everything]' \
'-q[Show no progress, only results and failures]' \
'--quiet[Show no progress, only results and failures]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':image -- An image, by name or by the first digits of its digest:_default' \
':file -- The file to write:_files' \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
'--name=[The name it gets]:NAME:_default' \
'--user=[The login that a clone'\''s cloud-init gives the lab'\''s key to]:USER:_default' \
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
':file -- The disk image\: qcow2, raw or vmdk:_files' \
&& ret=0
;;
(recipes)
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
'::name -- The recipe to print:_default' \
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
'::of -- Of what:((recipe\:"Recipes"
config\:"The user'\''s config.yaml"))' \
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
":: :_bake__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:bake-help-command-$line[1]:"
        case $line[1] in
            (build)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(fetch)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(validate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(images)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rm)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(prune)
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
(recipes)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(init)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(doctor)
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

(( $+functions[_bake_commands] )) ||
_bake_commands() {
    local commands; commands=(
'build:Bake a recipe\: make the layers that are missing, check, seal, publish' \
'fetch:Get and verify everything that a recipe takes from elsewhere' \
'validate:Check a recipe and say everything that is wrong with it' \
'images:List the golden images in the store' \
'list:List the golden images in the store' \
'ls:List the golden images in the store' \
'show:Show what is known about an image\: digest, base, layers, checks, packages' \
'verify:Check that images are, byte for byte, what they were when they were baked' \
'rm:Remove a name, and its image if nothing else needs it' \
'remove:Remove a name, and its image if nothing else needs it' \
'prune:Remove images, layers, artifacts and leftovers that nothing needs' \
'export:Write an image to a file\: qcow2, compressed qcow2, raw or vmdk' \
'import:Put a disk image that was sealed elsewhere into the store' \
'recipes:List the recipes that are built in, or print one' \
'init:Write a recipe to start from' \
'doctor:Check that this machine has what baking needs, and say how to get it' \
'schema:Print a JSON schema, for editors\: of recipes, or of the configuration file' \
'completion:Print a completion script for a shell' \
'manual:Write the manual pages into a folder' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'bake commands' commands "$@"
}
(( $+functions[_bake__subcmd__build_commands] )) ||
_bake__subcmd__build_commands() {
    local commands; commands=()
    _describe -t commands 'bake build commands' commands "$@"
}
(( $+functions[_bake__subcmd__completion_commands] )) ||
_bake__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'bake completion commands' commands "$@"
}
(( $+functions[_bake__subcmd__doctor_commands] )) ||
_bake__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'bake doctor commands' commands "$@"
}
(( $+functions[_bake__subcmd__export_commands] )) ||
_bake__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'bake export commands' commands "$@"
}
(( $+functions[_bake__subcmd__fetch_commands] )) ||
_bake__subcmd__fetch_commands() {
    local commands; commands=()
    _describe -t commands 'bake fetch commands' commands "$@"
}
(( $+functions[_bake__subcmd__help_commands] )) ||
_bake__subcmd__help_commands() {
    local commands; commands=(
'build:Bake a recipe\: make the layers that are missing, check, seal, publish' \
'fetch:Get and verify everything that a recipe takes from elsewhere' \
'validate:Check a recipe and say everything that is wrong with it' \
'images:List the golden images in the store' \
'show:Show what is known about an image\: digest, base, layers, checks, packages' \
'verify:Check that images are, byte for byte, what they were when they were baked' \
'rm:Remove a name, and its image if nothing else needs it' \
'prune:Remove images, layers, artifacts and leftovers that nothing needs' \
'export:Write an image to a file\: qcow2, compressed qcow2, raw or vmdk' \
'import:Put a disk image that was sealed elsewhere into the store' \
'recipes:List the recipes that are built in, or print one' \
'init:Write a recipe to start from' \
'doctor:Check that this machine has what baking needs, and say how to get it' \
'schema:Print a JSON schema, for editors\: of recipes, or of the configuration file' \
'completion:Print a completion script for a shell' \
'manual:Write the manual pages into a folder' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'bake help commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__build_commands] )) ||
_bake__subcmd__help__subcmd__build_commands() {
    local commands; commands=()
    _describe -t commands 'bake help build commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__completion_commands] )) ||
_bake__subcmd__help__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'bake help completion commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__doctor_commands] )) ||
_bake__subcmd__help__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'bake help doctor commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__export_commands] )) ||
_bake__subcmd__help__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'bake help export commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__fetch_commands] )) ||
_bake__subcmd__help__subcmd__fetch_commands() {
    local commands; commands=()
    _describe -t commands 'bake help fetch commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__help_commands] )) ||
_bake__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'bake help help commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__images_commands] )) ||
_bake__subcmd__help__subcmd__images_commands() {
    local commands; commands=()
    _describe -t commands 'bake help images commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__import_commands] )) ||
_bake__subcmd__help__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'bake help import commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__init_commands] )) ||
_bake__subcmd__help__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'bake help init commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__manual_commands] )) ||
_bake__subcmd__help__subcmd__manual_commands() {
    local commands; commands=()
    _describe -t commands 'bake help manual commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__prune_commands] )) ||
_bake__subcmd__help__subcmd__prune_commands() {
    local commands; commands=()
    _describe -t commands 'bake help prune commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__recipes_commands] )) ||
_bake__subcmd__help__subcmd__recipes_commands() {
    local commands; commands=()
    _describe -t commands 'bake help recipes commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__rm_commands] )) ||
_bake__subcmd__help__subcmd__rm_commands() {
    local commands; commands=()
    _describe -t commands 'bake help rm commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__schema_commands] )) ||
_bake__subcmd__help__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'bake help schema commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__show_commands] )) ||
_bake__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'bake help show commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__validate_commands] )) ||
_bake__subcmd__help__subcmd__validate_commands() {
    local commands; commands=()
    _describe -t commands 'bake help validate commands' commands "$@"
}
(( $+functions[_bake__subcmd__help__subcmd__verify_commands] )) ||
_bake__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'bake help verify commands' commands "$@"
}
(( $+functions[_bake__subcmd__images_commands] )) ||
_bake__subcmd__images_commands() {
    local commands; commands=()
    _describe -t commands 'bake images commands' commands "$@"
}
(( $+functions[_bake__subcmd__import_commands] )) ||
_bake__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'bake import commands' commands "$@"
}
(( $+functions[_bake__subcmd__init_commands] )) ||
_bake__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'bake init commands' commands "$@"
}
(( $+functions[_bake__subcmd__manual_commands] )) ||
_bake__subcmd__manual_commands() {
    local commands; commands=()
    _describe -t commands 'bake manual commands' commands "$@"
}
(( $+functions[_bake__subcmd__prune_commands] )) ||
_bake__subcmd__prune_commands() {
    local commands; commands=()
    _describe -t commands 'bake prune commands' commands "$@"
}
(( $+functions[_bake__subcmd__recipes_commands] )) ||
_bake__subcmd__recipes_commands() {
    local commands; commands=()
    _describe -t commands 'bake recipes commands' commands "$@"
}
(( $+functions[_bake__subcmd__rm_commands] )) ||
_bake__subcmd__rm_commands() {
    local commands; commands=()
    _describe -t commands 'bake rm commands' commands "$@"
}
(( $+functions[_bake__subcmd__schema_commands] )) ||
_bake__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'bake schema commands' commands "$@"
}
(( $+functions[_bake__subcmd__show_commands] )) ||
_bake__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'bake show commands' commands "$@"
}
(( $+functions[_bake__subcmd__validate_commands] )) ||
_bake__subcmd__validate_commands() {
    local commands; commands=()
    _describe -t commands 'bake validate commands' commands "$@"
}
(( $+functions[_bake__subcmd__verify_commands] )) ||
_bake__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'bake verify commands' commands "$@"
}

if [ "$funcstack[1]" = "_bake" ]; then
    _bake "$@"
else
    compdef _bake bake
fi

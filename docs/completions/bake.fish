# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_bake_global_optspecs
    string join \n home= o/output= color= v/verbose q/quiet log= h/help V/version
end

function __fish_bake_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_bake_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_bake_using_subcommand
    set -l cmd (__fish_bake_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c bake -n "__fish_bake_needs_command" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_needs_command" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_needs_command" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_needs_command" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_needs_command" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_needs_command" -s V -l version -d 'Print version'
complete -c bake -n "__fish_bake_needs_command" -f -a "build" -d 'Bake a recipe: make the layers that are missing, check, seal, publish'
complete -c bake -n "__fish_bake_needs_command" -f -a "fetch" -d 'Get and verify everything that a recipe takes from elsewhere'
complete -c bake -n "__fish_bake_needs_command" -f -a "validate" -d 'Check a recipe and say everything that is wrong with it'
complete -c bake -n "__fish_bake_needs_command" -f -a "images" -d 'List the golden images in the store'
complete -c bake -n "__fish_bake_needs_command" -f -a "list" -d 'List the golden images in the store'
complete -c bake -n "__fish_bake_needs_command" -f -a "ls" -d 'List the golden images in the store'
complete -c bake -n "__fish_bake_needs_command" -f -a "show" -d 'Show what is known about an image: digest, base, layers, checks, packages'
complete -c bake -n "__fish_bake_needs_command" -f -a "verify" -d 'Check that images are, byte for byte, what they were when they were baked'
complete -c bake -n "__fish_bake_needs_command" -f -a "rm" -d 'Remove a name, and its image if nothing else needs it'
complete -c bake -n "__fish_bake_needs_command" -f -a "remove" -d 'Remove a name, and its image if nothing else needs it'
complete -c bake -n "__fish_bake_needs_command" -f -a "prune" -d 'Remove images, layers, artifacts and leftovers that nothing needs'
complete -c bake -n "__fish_bake_needs_command" -f -a "export" -d 'Write an image to a file: qcow2, compressed qcow2, raw or vmdk'
complete -c bake -n "__fish_bake_needs_command" -f -a "import" -d 'Put a disk image that was sealed elsewhere into the store'
complete -c bake -n "__fish_bake_needs_command" -f -a "recipes" -d 'List the recipes that are built in, or print one'
complete -c bake -n "__fish_bake_needs_command" -f -a "init" -d 'Write a recipe to start from'
complete -c bake -n "__fish_bake_needs_command" -f -a "doctor" -d 'Check that this machine has what baking needs, and say how to get it'
complete -c bake -n "__fish_bake_needs_command" -f -a "schema" -d 'Print a JSON schema, for editors: of recipes, or of the configuration file'
complete -c bake -n "__fish_bake_needs_command" -f -a "completion" -d 'Print a completion script for a shell'
complete -c bake -n "__fish_bake_needs_command" -f -a "manual" -d 'Write the manual pages into a folder'
complete -c bake -n "__fish_bake_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c bake -n "__fish_bake_using_subcommand build" -s b -l bundle -d 'The folder that `bake fetch --bundle` has filled' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand build" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand build" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand build" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand build" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand build" -l explain -d 'Say what would be made and why, and make nothing. What the recipe downloads is fetched and pinned first, because layers are known by it'
complete -c bake -n "__fish_bake_using_subcommand build" -s n -l dry-run -d 'Print the commands that would be run, and run none. What the recipe downloads is fetched and pinned in kiln.lock first, because they depend on it'
complete -c bake -n "__fish_bake_using_subcommand build" -l offline -d 'Take nothing from a network: all comes from the bundle. A step of the recipe whose image has no ip(8) is not hindered from taking a way of its own'
complete -c bake -n "__fish_bake_using_subcommand build" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand build" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand fetch" -s b -l bundle -d 'The folder to put everything into' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand fetch" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand fetch" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand fetch" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand fetch" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand fetch" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand fetch" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand validate" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand validate" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand validate" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand validate" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand validate" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand validate" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand images" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand images" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand images" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand images" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand images" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand images" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand images" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand list" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand list" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand list" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand list" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand list" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand ls" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand ls" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand ls" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand ls" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand ls" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand ls" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand show" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand show" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand show" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand show" -l brief -d 'Only say how many packages there are'
complete -c bake -n "__fish_bake_using_subcommand show" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand show" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand verify" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand verify" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand verify" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand verify" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand verify" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand verify" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand rm" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand rm" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand rm" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand rm" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand rm" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand rm" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand remove" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand remove" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand remove" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand remove" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand remove" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand prune" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand prune" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand prune" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand prune" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand prune" -s n -l dry-run -d 'Say what would be removed, and remove nothing'
complete -c bake -n "__fish_bake_using_subcommand prune" -l downloads -d 'Remove all downloads, too: what a bake needs again is fetched again'
complete -c bake -n "__fish_bake_using_subcommand prune" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand prune" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand export" -s f -l format -d 'qcow2, qcow2-compressed, raw, vmdk (for import into vSphere) or vmdk-sparse (for Workstation and Fusion) [default: by the ending .raw, .img or .vmdk, and else qcow2-compressed]' -r
complete -c bake -n "__fish_bake_using_subcommand export" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand export" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand export" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand export" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand export" -l force -d 'Replace the file if it is there'
complete -c bake -n "__fish_bake_using_subcommand export" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand export" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand import" -l name -d 'The name it gets' -r
complete -c bake -n "__fish_bake_using_subcommand import" -l user -d 'The login that a clone\'s cloud-init gives the lab\'s key to' -r
complete -c bake -n "__fish_bake_using_subcommand import" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand import" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand import" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand import" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand import" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand import" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand recipes" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand recipes" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand recipes" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand recipes" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand recipes" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand recipes" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand recipes" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand init" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand init" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand init" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand init" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand init" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand init" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand doctor" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand doctor" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand doctor" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand doctor" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand doctor" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand doctor" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand schema" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand schema" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand schema" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand schema" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand schema" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand schema" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand completion" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand completion" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand completion" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand completion" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand completion" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand completion" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand manual" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c bake -n "__fish_bake_using_subcommand manual" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c bake -n "__fish_bake_using_subcommand manual" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c bake -n "__fish_bake_using_subcommand manual" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c bake -n "__fish_bake_using_subcommand manual" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c bake -n "__fish_bake_using_subcommand manual" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c bake -n "__fish_bake_using_subcommand manual" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "build" -d 'Bake a recipe: make the layers that are missing, check, seal, publish'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "fetch" -d 'Get and verify everything that a recipe takes from elsewhere'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "validate" -d 'Check a recipe and say everything that is wrong with it'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "images" -d 'List the golden images in the store'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "show" -d 'Show what is known about an image: digest, base, layers, checks, packages'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "verify" -d 'Check that images are, byte for byte, what they were when they were baked'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "rm" -d 'Remove a name, and its image if nothing else needs it'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "prune" -d 'Remove images, layers, artifacts and leftovers that nothing needs'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "export" -d 'Write an image to a file: qcow2, compressed qcow2, raw or vmdk'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "import" -d 'Put a disk image that was sealed elsewhere into the store'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "recipes" -d 'List the recipes that are built in, or print one'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "init" -d 'Write a recipe to start from'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "doctor" -d 'Check that this machine has what baking needs, and say how to get it'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "schema" -d 'Print a JSON schema, for editors: of recipes, or of the configuration file'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "completion" -d 'Print a completion script for a shell'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "manual" -d 'Write the manual pages into a folder'
complete -c bake -n "__fish_bake_using_subcommand help; and not __fish_seen_subcommand_from build fetch validate images show verify rm prune export import recipes init doctor schema completion manual help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'

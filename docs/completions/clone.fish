# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_clone_global_optspecs
    string join \n home= o/output= color= v/verbose q/quiet log= h/help V/version
end

function __fish_clone_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_clone_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_clone_using_subcommand
    set -l cmd (__fish_clone_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c clone -n "__fish_clone_needs_command" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_needs_command" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_needs_command" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_needs_command" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_needs_command" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_needs_command" -s V -l version -d 'Print version'
complete -c clone -n "__fish_clone_needs_command" -f -a "validate" -d 'Check a lab file and say everything that is wrong with it'
complete -c clone -n "__fish_clone_needs_command" -f -a "fetch" -d 'Fetch what a lab takes from elsewhere, so that `up` needs no network'
complete -c clone -n "__fish_clone_needs_command" -f -a "plan" -d 'Say what `up` would do to each node, and why'
complete -c clone -n "__fish_clone_needs_command" -f -a "up" -d 'Bring a lab up, or go on with it, or say that it is up'
complete -c clone -n "__fish_clone_needs_command" -f -a "start" -d 'Bring a lab up, or go on with it, or say that it is up'
complete -c clone -n "__fish_clone_needs_command" -f -a "down" -d 'Shut the nodes of a lab down; disks and identities stay'
complete -c clone -n "__fish_clone_needs_command" -f -a "stop" -d 'Shut the nodes of a lab down; disks and identities stay'
complete -c clone -n "__fish_clone_needs_command" -f -a "reset" -d 'Go back to a checkpoint, or make nodes anew from their golden image'
complete -c clone -n "__fish_clone_needs_command" -f -a "checkpoint" -d 'Save a lab with its memory, and look after what was saved'
complete -c clone -n "__fish_clone_needs_command" -f -a "fork" -d 'Make another lab from a checkpoint, beside the one that it is of'
complete -c clone -n "__fish_clone_needs_command" -f -a "suspend" -d 'Save a running lab with its memory, and end its machines'
complete -c clone -n "__fish_clone_needs_command" -f -a "resume" -d 'Go on with a lab that was suspended'
complete -c clone -n "__fish_clone_needs_command" -f -a "node" -d 'Add, remove, rebuild, stop or start one node of a lab'
complete -c clone -n "__fish_clone_needs_command" -f -a "destroy" -d 'Remove a lab with all its machines and disks'
complete -c clone -n "__fish_clone_needs_command" -f -a "delete" -d 'Remove a lab with all its machines and disks'
complete -c clone -n "__fish_clone_needs_command" -f -a "list" -d 'List the labs that exist'
complete -c clone -n "__fish_clone_needs_command" -f -a "ls" -d 'List the labs that exist'
complete -c clone -n "__fish_clone_needs_command" -f -a "labs" -d 'List the labs that are built in, or print the file of one'
complete -c clone -n "__fish_clone_needs_command" -f -a "status" -d 'Show what the nodes of a lab do'
complete -c clone -n "__fish_clone_needs_command" -f -a "timings" -d 'Show how long each phase of each node took when the lab came up last'
complete -c clone -n "__fish_clone_needs_command" -f -a "ssh" -d 'Log in to a node'
complete -c clone -n "__fish_clone_needs_command" -f -a "exec" -d 'Run a command in a node, or in all of them'
complete -c clone -n "__fish_clone_needs_command" -f -a "cp" -d 'Copy files to or from a node'
complete -c clone -n "__fish_clone_needs_command" -f -a "console" -d 'Sit at the serial console of a node, or print what it has said'
complete -c clone -n "__fish_clone_needs_command" -f -a "logs" -d 'Print what the phases of bringing a lab up have said'
complete -c clone -n "__fish_clone_needs_command" -f -a "view" -d 'Show the screen of a node in a window, with its keyboard and mouse'
complete -c clone -n "__fish_clone_needs_command" -f -a "screenshot" -d 'Save what a node\'s screen shows as a PNG'
complete -c clone -n "__fish_clone_needs_command" -f -a "ssh-config" -d 'Print the OpenSSH configuration of a lab, for other programs'
complete -c clone -n "__fish_clone_needs_command" -f -a "kubeconfig" -d 'Print where the kubeconfig of a lab is, or add it to your own'
complete -c clone -n "__fish_clone_needs_command" -f -a "kubectl" -d 'Run kubectl on this host against the cluster of a lab'
complete -c clone -n "__fish_clone_needs_command" -f -a "mesh" -d 'Look at what a lab has installed on its cluster, do it again, or take it away'
complete -c clone -n "__fish_clone_needs_command" -f -a "open" -d 'Lead a port of 127.0.0.1 to a page of the mesh, until Ctrl-C'
complete -c clone -n "__fish_clone_needs_command" -f -a "collect" -d 'Pack everything that helps to understand a fault into one archive'
complete -c clone -n "__fish_clone_needs_command" -f -a "doctor" -d 'Check that this machine has what labs need, and say how to get it'
complete -c clone -n "__fish_clone_needs_command" -f -a "init" -d 'Write a lab file to start from'
complete -c clone -n "__fish_clone_needs_command" -f -a "schema" -d 'Print the JSON schema of lab files, for editors'
complete -c clone -n "__fish_clone_needs_command" -f -a "completion" -d 'Print a completion script for a shell'
complete -c clone -n "__fish_clone_needs_command" -f -a "manual" -d 'Write the manual pages into a folder'
complete -c clone -n "__fish_clone_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand validate" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand validate" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand validate" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand validate" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand validate" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand validate" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand validate" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand fetch" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand fetch" -s b -l bundle -d 'A folder to put all of it into, or, with --offline, to take it from' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand fetch" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand fetch" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand fetch" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand fetch" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand fetch" -l offline -d 'Take nothing from a network: all comes from the bundle'
complete -c clone -n "__fish_clone_using_subcommand fetch" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand fetch" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand plan" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand plan" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand plan" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand plan" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand plan" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand plan" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand plan" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand up" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand up" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand up" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand up" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand up" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand up" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand up" -s n -l dry-run -d 'Only say what would be done'
complete -c clone -n "__fish_clone_using_subcommand up" -l replace -d 'Make nodes anew that cannot become what the lab file says otherwise; their disks are lost'
complete -c clone -n "__fish_clone_using_subcommand up" -l remove -d 'Remove nodes that the lab file does not have any more, with their disks'
complete -c clone -n "__fish_clone_using_subcommand up" -l no-start -d 'Make disks and seeds, and start nothing'
complete -c clone -n "__fish_clone_using_subcommand up" -l no-wait -d 'Start the machines, and do not wait until they answer'
complete -c clone -n "__fish_clone_using_subcommand up" -l overcommit -d 'Start although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand up" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand up" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand start" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand start" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand start" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand start" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand start" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand start" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand start" -s n -l dry-run -d 'Only say what would be done'
complete -c clone -n "__fish_clone_using_subcommand start" -l replace -d 'Make nodes anew that cannot become what the lab file says otherwise; their disks are lost'
complete -c clone -n "__fish_clone_using_subcommand start" -l remove -d 'Remove nodes that the lab file does not have any more, with their disks'
complete -c clone -n "__fish_clone_using_subcommand start" -l no-start -d 'Make disks and seeds, and start nothing'
complete -c clone -n "__fish_clone_using_subcommand start" -l no-wait -d 'Start the machines, and do not wait until they answer'
complete -c clone -n "__fish_clone_using_subcommand start" -l overcommit -d 'Start although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand start" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand start" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand down" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand down" -l timeout -d 'How long the guests may take, such as 300 or 10m [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand down" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand down" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand down" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand down" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand down" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand down" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand stop" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand stop" -l timeout -d 'How long the guests may take, such as 300 or 10m [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand stop" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand stop" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand stop" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand stop" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand stop" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand stop" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand reset" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand reset" -l to -d 'What to go back to: golden, or a checkpoint by its name or id' -r
complete -c clone -n "__fish_clone_using_subcommand reset" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand reset" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand reset" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand reset" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand reset" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand reset" -s n -l dry-run -d 'Only say what would be done'
complete -c clone -n "__fish_clone_using_subcommand reset" -l no-wait -d 'Do not wait until the nodes answer'
complete -c clone -n "__fish_clone_using_subcommand reset" -l overcommit -d 'Start nodes that do not run although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand reset" -l expired -d 'Go back although the certificates of the cluster have ended since'
complete -c clone -n "__fish_clone_using_subcommand reset" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand reset" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "save" -d 'Save a running lab, which goes on or is stopped'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "list" -d 'List the checkpoints of a lab'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "ls" -d 'List the checkpoints of a lab'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "show" -d 'Show all that is known of a checkpoint'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "rm" -d 'Remove checkpoints'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "remove" -d 'Remove checkpoints'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "restore" -d 'Go back to a checkpoint: the same as clone reset --to NAME'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "verify" -d 'Read every byte of checkpoints again'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "flatten" -d 'Copy what no checkpoint needs any more into the disks that stand on it'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "export" -d 'Write a checkpoint to one file, for another host'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "import" -d 'Make a lab from a checkpoint that was exported'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and not __fish_seen_subcommand_from save list ls show rm remove restore verify flatten export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -l replace -d 'Replace the checkpoint that has this name'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -l stop -d 'Stop the lab at the moment that is saved'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s n -l dry-run -d 'Only say what would be removed'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do not ask, do it'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s n -l dry-run -d 'Only say what would be removed'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask, do it'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from flatten" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -l to -d 'The file to write, such as ready.kiln.tar.zst' -r -F
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -l as -d 'The name of the lab [default: the one that it had]' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "save" -d 'Save a running lab, which goes on or is stopped'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the checkpoints of a lab'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all that is known of a checkpoint'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove checkpoints'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Go back to a checkpoint: the same as clone reset --to NAME'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Read every byte of checkpoints again'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "flatten" -d 'Copy what no checkpoint needs any more into the disks that stand on it'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write a checkpoint to one file, for another host'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "import" -d 'Make a lab from a checkpoint that was exported'
complete -c clone -n "__fish_clone_using_subcommand checkpoint; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand fork" -l from -d 'What it is made from: the checkpoint by its name or id, and its lab' -r
complete -c clone -n "__fish_clone_using_subcommand fork" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand fork" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand fork" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand fork" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand fork" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand fork" -l no-wait -d 'Do not wait until the lab is ready'
complete -c clone -n "__fish_clone_using_subcommand fork" -l overcommit -d 'Start nodes although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand fork" -l expired -d 'Go on although the certificates of the cluster have ended'
complete -c clone -n "__fish_clone_using_subcommand fork" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand fork" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand fork" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand suspend" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand suspend" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand suspend" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand suspend" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand suspend" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand suspend" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand suspend" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand suspend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand resume" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand resume" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand resume" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand resume" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand resume" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand resume" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand resume" -l boot -d 'Boot from the disks, and give up the memory of the nodes'
complete -c clone -n "__fish_clone_using_subcommand resume" -l no-wait -d 'Do not wait until the lab is ready'
complete -c clone -n "__fish_clone_using_subcommand resume" -l overcommit -d 'Start nodes although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand resume" -l expired -d 'Go on although the certificates of its cluster have ended'
complete -c clone -n "__fish_clone_using_subcommand resume" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand resume" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "add" -d 'Add a node to a lab, and to its cluster'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "remove" -d 'Take a node out of its cluster, and remove it with its disk'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "rm" -d 'Take a node out of its cluster, and remove it with its disk'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "rebuild" -d 'Make a node anew from its golden image, and have it join its cluster again'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "stop" -d 'Shut one node down; its disk and identity stay'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "start" -d 'Boot one node that is down, and wait until it is up'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "restart" -d 'Shut one node down, boot it again, and wait until it is up'
complete -c clone -n "__fish_clone_using_subcommand node; and not __fish_seen_subcommand_from add remove rm rebuild stop start restart help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l ip -d 'Its address in the lab\'s network [default: the one after the highest of the lab]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l image -d 'Its golden image: a name in the store, or a digest [default: the lab\'s]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l cpus -d 'Virtual CPUs [default: as the lab file says]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l memory -d 'Memory, such as 2GiB [default: as the lab file says]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l disk -d 'The size of its disk, such as 20GiB [default: as the lab file says]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l role -d 'What it does in the cluster: control-plane or worker [default: worker]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -s n -l dry-run -d 'Only say what would be done'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l no-start -d 'Make its disk and seed, and start nothing'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l no-wait -d 'Start it, and do not wait until it answers'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -l overcommit -d 'Start it although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask, do it'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do not ask, do it'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -l timeout -d 'How long each phase of a node may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -l overcommit -d 'Start it although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from rebuild" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -l timeout -d 'How long the guest may take, such as 300 or 10m [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -s f -l force -d 'End it at once, without asking the guest: what it has not written to its disk is lost'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -l timeout -d 'How long each phase of it may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -l no-wait -d 'Do not wait until it answers'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -l overcommit -d 'Start it although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -l timeout -d 'How long each phase of it may take, such as 300, 10m or 1h [default: by the speed of this host]' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -s f -l force -d 'End it at once, without asking the guest: what it has not written to its disk is lost'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -l no-wait -d 'Do not wait until it answers'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -l overcommit -d 'Start it although this host has not that much memory'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a node to a lab, and to its cluster'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a node out of its cluster, and remove it with its disk'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "rebuild" -d 'Make a node anew from its golden image, and have it join its cluster again'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Shut one node down; its disk and identity stay'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "start" -d 'Boot one node that is down, and wait until it is up'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "restart" -d 'Shut one node down, boot it again, and wait until it is up'
complete -c clone -n "__fish_clone_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand destroy" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand destroy" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand destroy" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand destroy" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand destroy" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand destroy" -s y -l yes -d 'Do not ask, do it'
complete -c clone -n "__fish_clone_using_subcommand destroy" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand destroy" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand delete" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand delete" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand delete" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand delete" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand delete" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand delete" -s y -l yes -d 'Do not ask, do it'
complete -c clone -n "__fish_clone_using_subcommand delete" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand delete" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand list" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand list" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand list" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand list" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand list" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand list" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand ls" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand ls" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand ls" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand ls" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand ls" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand ls" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand labs" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand labs" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand labs" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand labs" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand labs" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand labs" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand labs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand status" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand status" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand status" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand status" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand status" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand status" -s w -l watch -d 'Show it again and again, until Ctrl-C'
complete -c clone -n "__fish_clone_using_subcommand status" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand status" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand timings" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand timings" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand timings" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand timings" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand timings" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand timings" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand timings" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand timings" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand ssh" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand ssh" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand ssh" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand ssh" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand ssh" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand ssh" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand ssh" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand ssh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand exec" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand exec" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand exec" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand exec" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand exec" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand exec" -s a -l all -d 'In every node of the lab, all at once; each line says whose it is. All of them have to run'
complete -c clone -n "__fish_clone_using_subcommand exec" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand exec" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand cp" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand cp" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand cp" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand cp" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand cp" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand cp" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand cp" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand cp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand console" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand console" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand console" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand console" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand console" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand console" -l dump -d 'Print everything it has said so far, and end'
complete -c clone -n "__fish_clone_using_subcommand console" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand console" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand console" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand logs" -s p -l phase -d 'One phase only, such as `reachable`' -r
complete -c clone -n "__fish_clone_using_subcommand logs" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand logs" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand logs" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand logs" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand logs" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand logs" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand logs" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand view" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand view" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand view" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand view" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand view" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand view" -l print -d 'Only print the path of the socket'
complete -c clone -n "__fish_clone_using_subcommand view" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand view" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand view" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand screenshot" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand screenshot" -s f -l file -d 'The file [default: NODE.png]' -r -F
complete -c clone -n "__fish_clone_using_subcommand screenshot" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand screenshot" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand screenshot" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand screenshot" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand screenshot" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand screenshot" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand screenshot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand ssh-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -l merge -d 'Add it to the kubeconfig that kubectl uses'
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand kubeconfig" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand kubectl" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand kubectl" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand kubectl" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand kubectl" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand kubectl" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand kubectl" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand kubectl" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand kubectl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -f -a "status" -d 'Say which groups are done, and show the pods and services'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -f -a "reapply" -d 'Apply all groups again, and wait for them'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -f -a "remove" -d 'Remove what the groups have made, the last first; `clone up` makes it again'
complete -c clone -n "__fish_clone_using_subcommand mesh; and not __fish_seen_subcommand_from status reapply remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from reapply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from help" -f -a "status" -d 'Say which groups are done, and show the pods and services'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from help" -f -a "reapply" -d 'Apply all groups again, and wait for them'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove what the groups have made, the last first; `clone up` makes it again'
complete -c clone -n "__fish_clone_using_subcommand mesh; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand open" -s l -l lab -d 'The lab [default: that of ./lab.yaml, or else the only one there is]' -r
complete -c clone -n "__fish_clone_using_subcommand open" -l port -d 'The port of 127.0.0.1 [default: one that is free]' -r
complete -c clone -n "__fish_clone_using_subcommand open" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand open" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand open" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand open" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand open" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand open" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand open" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand collect" -s l -l lab -d 'The same' -r
complete -c clone -n "__fish_clone_using_subcommand collect" -s f -l file -d 'The archive [default: LAB.tar.gz]' -r -F
complete -c clone -n "__fish_clone_using_subcommand collect" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand collect" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand collect" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand collect" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand collect" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand collect" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand collect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand doctor" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand doctor" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand doctor" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand doctor" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand doctor" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand doctor" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand init" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand init" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand init" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand init" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand init" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand init" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand schema" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand schema" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand schema" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand schema" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand schema" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand schema" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand completion" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand completion" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand completion" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand completion" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand completion" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand completion" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand manual" -l home -d 'Where Kiln keeps images and labs [default: kiln/ in the XDG data directory]' -r -f -a "(__fish_complete_directories)"
complete -c clone -n "__fish_clone_using_subcommand manual" -s o -l output -d 'How results are printed' -r -f -a "text\t'For people'
json\t'For programs: JSON results and one JSON event a line'
svg\t'A picture, of the commands that can draw one'"
complete -c clone -n "__fish_clone_using_subcommand manual" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Everywhere'
never\t'Nowhere'"
complete -c clone -n "__fish_clone_using_subcommand manual" -l log -d 'What to log, in the syntax of tracing\'s EnvFilter (kiln_images=debug,warn); wins over -v' -r
complete -c clone -n "__fish_clone_using_subcommand manual" -s v -l verbose -d 'Log more: -v what is done and the commands that are run, -vv details, -vvv everything'
complete -c clone -n "__fish_clone_using_subcommand manual" -s q -l quiet -d 'Show no progress, only results and failures'
complete -c clone -n "__fish_clone_using_subcommand manual" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "validate" -d 'Check a lab file and say everything that is wrong with it'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "fetch" -d 'Fetch what a lab takes from elsewhere, so that `up` needs no network'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "plan" -d 'Say what `up` would do to each node, and why'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "up" -d 'Bring a lab up, or go on with it, or say that it is up'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "down" -d 'Shut the nodes of a lab down; disks and identities stay'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "reset" -d 'Go back to a checkpoint, or make nodes anew from their golden image'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "checkpoint" -d 'Save a lab with its memory, and look after what was saved'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "fork" -d 'Make another lab from a checkpoint, beside the one that it is of'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "suspend" -d 'Save a running lab with its memory, and end its machines'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "resume" -d 'Go on with a lab that was suspended'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "node" -d 'Add, remove, rebuild, stop or start one node of a lab'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "destroy" -d 'Remove a lab with all its machines and disks'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "list" -d 'List the labs that exist'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "labs" -d 'List the labs that are built in, or print the file of one'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "status" -d 'Show what the nodes of a lab do'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "timings" -d 'Show how long each phase of each node took when the lab came up last'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "ssh" -d 'Log in to a node'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "exec" -d 'Run a command in a node, or in all of them'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "cp" -d 'Copy files to or from a node'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "console" -d 'Sit at the serial console of a node, or print what it has said'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "logs" -d 'Print what the phases of bringing a lab up have said'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "view" -d 'Show the screen of a node in a window, with its keyboard and mouse'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "screenshot" -d 'Save what a node\'s screen shows as a PNG'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "ssh-config" -d 'Print the OpenSSH configuration of a lab, for other programs'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "kubeconfig" -d 'Print where the kubeconfig of a lab is, or add it to your own'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "kubectl" -d 'Run kubectl on this host against the cluster of a lab'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "mesh" -d 'Look at what a lab has installed on its cluster, do it again, or take it away'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "open" -d 'Lead a port of 127.0.0.1 to a page of the mesh, until Ctrl-C'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "collect" -d 'Pack everything that helps to understand a fault into one archive'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "doctor" -d 'Check that this machine has what labs need, and say how to get it'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "init" -d 'Write a lab file to start from'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "schema" -d 'Print the JSON schema of lab files, for editors'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "completion" -d 'Print a completion script for a shell'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "manual" -d 'Write the manual pages into a folder'
complete -c clone -n "__fish_clone_using_subcommand help; and not __fish_seen_subcommand_from validate fetch plan up down reset checkpoint fork suspend resume node destroy list labs status timings ssh exec cp console logs view screenshot ssh-config kubeconfig kubectl mesh open collect doctor init schema completion manual help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "save" -d 'Save a running lab, which goes on or is stopped'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "list" -d 'List the checkpoints of a lab'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "show" -d 'Show all that is known of a checkpoint'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "rm" -d 'Remove checkpoints'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "restore" -d 'Go back to a checkpoint: the same as clone reset --to NAME'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "verify" -d 'Read every byte of checkpoints again'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "flatten" -d 'Copy what no checkpoint needs any more into the disks that stand on it'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "export" -d 'Write a checkpoint to one file, for another host'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from checkpoint" -f -a "import" -d 'Make a lab from a checkpoint that was exported'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "add" -d 'Add a node to a lab, and to its cluster'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "remove" -d 'Take a node out of its cluster, and remove it with its disk'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "rebuild" -d 'Make a node anew from its golden image, and have it join its cluster again'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "stop" -d 'Shut one node down; its disk and identity stay'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "start" -d 'Boot one node that is down, and wait until it is up'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "restart" -d 'Shut one node down, boot it again, and wait until it is up'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from mesh" -f -a "status" -d 'Say which groups are done, and show the pods and services'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from mesh" -f -a "reapply" -d 'Apply all groups again, and wait for them'
complete -c clone -n "__fish_clone_using_subcommand help; and __fish_seen_subcommand_from mesh" -f -a "remove" -d 'Remove what the groups have made, the last first; `clone up` makes it again'

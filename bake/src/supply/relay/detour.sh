# shellcheck shell=sh
# Puts the relay before every URL in the configuration of the image's package manager ($1: there), takes it away again
# ($1: back), or says how the relay calls a URL ($1). Before this stands what comes before https/example.org there (base),
# "only" where there is to be no other way (only), and "whole" where nothing may come by another (whole).
case $1 in
    back) base='' only='' whole='' ;;
    *://*) echo "$1" | sed "s|^\(https\{0,1\}\)://|$base/\1/|"; exit ;;
esac
# The repositories in use that have a list of mirrors: what is in the list is on no way of ours.
lists_of_mirrors() {
    for file in /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo; do
        [ -f "$file" ] || continue
        name='' listed=''
        { cat "$file"; printf '\n[\n'; } | while read -r line; do
            case $line in
                '['*) [ "$listed" != yes ] || echo "  $name in $file"; name=$line listed='' ;;
                mirrorlist=* | mirrorlist\ *=* | metalink=* | metalink\ *=*) listed=${listed:-yes} ;;
                enabled=*0 | enabled\ *=*0 | enabled=*[Ff]alse | enabled\ *=*[Ff]alse) listed=off ;;
            esac
        done
    done
}
# A step may be what replaces them: only those count with which packages are installed ($2: packages).
if [ "$whole" = whole ] && [ "$2" = packages ]; then
    listed=$(lists_of_mirrors)
    if [ -n "$listed" ]; then
        echo "these repositories have lists of mirrors, from which packages would come past the bundle:" >&2
        printf '%s\n' "$listed" "name a source yourself, in a step before: repos: {replace: true, add: [...]}" >&2
        exit 1
    fi
fi
for file in /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources /etc/apt/mirrors/*.list; do
    [ -f "$file" ] || continue
    sed -i --follow-symlinks 's|http://[0-9.]*:[0-9]*/kiln-[0-9a-f]*/\(https\{0,1\}\)/|\1://|g' "$file"
    [ -z "$base" ] || sed -i --follow-symlinks "s|\(https\{0,1\}\)://|$base/\1/|g" "$file"
done
# Indexes that apt has fetched this way are called by it.
[ -n "$base" ] || rm -rf /var/lib/apt/lists/*_kiln-[0-9a-f]*_*
# The gateway can be reached without a route. Where there is no `ip`, nothing hinders a step that knows another way.
if [ "$only" = only ] && command -v ip > /dev/null; then
    ip route del default 2> /dev/null
    ip -6 route del default 2> /dev/null
fi
true

# First file: the arrows; the others: sources. Prints every include that goes against them.
function folder_of(path) {
    sub(/\/[^\/]*$/, "", path)
    return path
}
FNR == 1 {
    reading_arrows = (FILENAME ~ /arrows$/)
    folder = folder_of(FILENAME)
    if (!reading_arrows && !(folder in may)) {
        print FILENAME ":1: the folder " folder " has no line in tests/lint/arrows"
        may[folder] = " "
    }
}
reading_arrows && /^</ {
    name = $1
    gsub(/[<>:]/, "", name)
    $1 = ""
    only[name] = $0 " "
    next
}
reading_arrows && /^[a-z]/ {
    name = $1
    sub(/:$/, "", name)
    $1 = ""
    may[name] = $0 " " name " "
    next
}
reading_arrows { next }
/^#include "/ {
    split($0, part, "\"")
    target = part[2]
    if (target ~ /^[a-z]+_data\.h$/) {
        next # made by the build, beside its user
    }
    if (target !~ /\//) {
        print FILENAME ":" FNR ": an include names its whole path: \"" target "\""
    } else if (index(may[folder], " " folder_of(target) " ") == 0 &&
               index(may[folder], " " target " ") == 0) {
        print FILENAME ":" FNR ": " folder " may not include " target
    }
}
/^#include </ {
    split($0, part, /[<>]/)
    for (name in only) {
        if (index(part[2], name) == 1 && index(only[name], " " folder " ") == 0) {
            print FILENAME ":" FNR ": " folder " may not include <" part[2] ">"
        }
    }
}

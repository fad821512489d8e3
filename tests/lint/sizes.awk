# Lengths of files and of C functions.
function end_of_file() {
    if (lines > 700) {
        print file ":" lines ": " lines " lines; split it (700)"
    } else if (lines > 500 && !reason) {
        print file ":" lines ": over 500 lines and its top does not say \"Long because\""
    } else if (file ~ /\.h$/ && lines > 250) {
        print file ":" lines ": a header of " lines " lines (250)"
    }
}
FNR == 1 {
    if (file != "") {
        end_of_file()
    }
    file = FILENAME
    reason = 0
    c = FILENAME ~ /\.c$/
    start = 0
}
{ lines = FNR }
FNR <= 15 && /Long because/ { reason = 1 }
c && /^{$/ { start = FNR }
c && /^}$/ && start {
    length_of = FNR - start - 1
    if (length_of > 80) {
        print FILENAME ":" start ": a function of " length_of " lines (80)"
    } else if (length_of > 50) {
        print FILENAME ":" start ": a function of " length_of " lines, aim at 50 (warning)"
    }
    start = 0
}
END {
    if (file != "") {
        end_of_file()
    }
}

/** Where the build has put the worker of the reader of PDF files. */
declare const PDF_WORKER: string;
/** Where its character maps, fonts and decoders are; ends with a slash. */
declare const PDF_DATA: string;
/** The files of the co-teacher's page, for its service worker. */
declare const SHELL_FILES: string[];
/** Another one where one of them is another. */
declare const SHELL_VERSION: string;

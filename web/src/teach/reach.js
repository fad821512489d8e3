/** For what scrolls and holds nothing to press: the keyboard reaches it all the same. */
export const reachable = { tabIndex: 0 };

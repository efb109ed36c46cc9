// In the page's head, so that nothing of the page comes before it: what goes wrong, for page.js to tell.
'use strict';
const pageErrors = [];
window.addEventListener('error', event => pageErrors.push(event.message));
window.addEventListener('unhandledrejection', event => pageErrors.push(String(event.reason)));
document.addEventListener('securitypolicyviolation', event => pageErrors.push('blocked ' + event.blockedURI));

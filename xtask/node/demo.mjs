/** placeholder */
console.log("demo: not yet");

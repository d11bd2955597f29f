"""Stand-ins for Telegram's and Twilio's servers, with phones to press: the offline demo and the test bed."""

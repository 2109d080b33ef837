"""The hall: tickets, cases, people and the desks they meet at."""
